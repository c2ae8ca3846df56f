import { type Decimal, decimal, fromFloat, one } from '../money/decimal.js'
import { limitOf, measuredPrice, worthOf } from '../orders/order-measures.js'
import type { OrderRequest } from '../orders/order-request.js'
import { type RiskContext, required } from './risk-context.js'
import type { RiskPolicy } from './risk-policy.js'

/** A fraction of a policy as an exact number. */
export function exactFraction(value: number, name: string): Decimal {
  return fromFloat(value, 12, name)
}

export function orderQuantity(context: RiskContext): Decimal {
  return decimal(context.request.quantity, 'quantity')
}

/** The price that an order is measured by: its limit, its stop level, or the last price. Throws where there is none. */
export function orderPrice(context: RiskContext): Decimal {
  return priceOf(context.request, context.last?.price)
}

/** Price × quantity, or the amount that it is sized in. */
export function orderNotional(context: RiskContext): Decimal {
  return worthOf(context.request, orderPrice(context))
}

function priceOf(request: OrderRequest, last: Decimal | undefined): Decimal {
  return required(measuredPrice(request, last), `the last price of ${request.symbol}`)
}

/** Cash that an entry sets aside: per unit its limit, or its reference price and a buffer, with the highest fee; and the least fee. */
export function cashNeed(
  request: OrderRequest,
  policy: RiskPolicy,
  last: Decimal | undefined,
): { readonly perUnit: Decimal; readonly fixed: Decimal } {
  const price = request.sizedIn === 'quote' ? one : priceOf(request, last)
  const buffered =
    limitOf(request) !== undefined || request.sizedIn === 'quote'
      ? price
      : price.times(one.plus(exactFraction(policy.reservationBufferFraction, 'reservationBufferFraction')))
  const fee = exactFraction(policy.highestFeeFraction, 'highestFeeFraction')
  return { perUnit: buffered.times(one.plus(fee)), fixed: decimal(policy.highestFeeMinimum, 'highestFeeMinimum') }
}
