import { decimal, decimalText } from '../money/decimal.js'
import type { OrderRecord } from './order-record.js'
import type { OrderRequest } from './order-request.js'
import type { OrderRevision, SendingFacts } from './order-state.js'
import { revisionsInForce } from './order-status.js'

type Sent = Pick<OrderRecord, 'header' | 'state'>

/** The order as the venue holds it by the latest amendment that it took, with the client order id that it knows it by. */
export function requestInForce({ header, state }: Sent): OrderRequest {
  const { current } = revisionsInForce(state)
  return current?.terms === undefined ? header.request : amendedRequest(header.request, current)
}

/** What was heard of what is in force. */
export function sendingInForce({ state }: Sent): SendingFacts {
  return revisionsInForce(state).current ?? state
}

/** An amendment that was neither taken nor refused yet, with its client order id. */
export function pendingAmendment({
  state,
}: Sent): (OrderRevision & Required<Pick<OrderRevision, 'terms'>>) | undefined {
  const { pending } = revisionsInForce(state)
  return pending?.terms === undefined ? undefined : { ...pending, terms: pending.terms }
}

/** What goes over the wire for a revision: the whole quantity where the venue amends, what is left where it is sent anew. */
export function amendedRequest(request: OrderRequest, { terms, sentQuantity }: OrderRevision): OrderRequest {
  if (terms === undefined) return request
  const { by, quantity, limitPrice, stopPrice } = terms
  return {
    ...request,
    clientOrderId: by,
    quantity: sentQuantity ?? quantity,
    ...(limitPrice === undefined ? {} : { limitPrice }),
    ...(stopPrice === undefined ? {} : { stopPrice }),
  }
}

/** The request for what an order may yet execute, by which an amendment of it is assessed: what is filled is a position already. */
export function remainingRequest(request: OrderRequest, filledQuantity: string): OrderRequest {
  return { ...request, quantity: decimalText(decimal(request.quantity).minus(decimal(filledQuantity))) }
}
