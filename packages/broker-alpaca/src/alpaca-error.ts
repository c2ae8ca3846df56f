import { SwarmError } from '@tradeswarm/core'
import type { Payload } from './payload.js'

/** What Alpaca refused a request with. `venueCode` is 0 where it gave none. */
export type VenueRefusal = {
  readonly status: number
  readonly venueCode: number
  readonly message: string
  readonly details: Payload
}

const refusals = new WeakMap<SwarmError, VenueRefusal>()

/** An answer that says no, for certain: nothing was done. */
export function refused(refusal: VenueRefusal, request: string): SwarmError {
  const { status, venueCode, message } = refusal
  const error = new SwarmError({
    code: 'BROKER_REFUSED',
    message: `Alpaca refused ${request} with ${status}${venueCode === 0 ? '' : `/${venueCode}`}: ${message}`,
    context: { status, venueCode },
  })
  refusals.set(error, refusal)
  return error
}

/** What an error of {@link refused} carries; undefined for other errors. */
export function refusalIn(error: unknown): VenueRefusal | undefined {
  return SwarmError.isInstance(error) ? refusals.get(error) : undefined
}

/** Keys that do not hold. Nothing was done, and nothing will be until they do. */
export function unauthorized(request: string, status: number): SwarmError {
  return new SwarmError({
    code: 'BROKER_UNAUTHORIZED',
    message: `Alpaca does not accept the keys (${request} was answered with ${status}): check keyId and secret, and that they belong to the mode; paper and live have keys of their own`,
    context: { status },
  })
}

/** Too many requests: not done, to be asked again later. */
export function rateLimited(request: string, retryAfterMs: number): SwarmError {
  return new SwarmError({
    code: 'BROKER_RATE_LIMITED',
    message: `Alpaca takes no more requests of the account for ${Math.ceil(retryAfterMs / 1_000)} s; ${request} was not carried out`,
    retryability: 'retryable',
    context: { retryAfterMs },
  })
}

/** An answer that says nothing about whether the request was carried out. */
export function serverError(request: string, status: number, message: string): SwarmError {
  return new SwarmError({
    code: 'BROKER_SERVER_ERROR',
    message: `Alpaca answered ${request} with ${status}: ${message}; whether it took effect is not known`,
    retryability: 'unknown-outcome',
    context: { status },
  })
}

/** No answer at all. */
export function connectionLost(request: string, reason: string): SwarmError {
  return new SwarmError({
    code: 'BROKER_CONNECTION_LOST',
    message: `there was no answer to ${request}: ${reason}; whether it took effect is not known`,
    retryability: 'unknown-outcome',
  })
}

/** Whether a refusal says that the client order id was used before. */
export function isDuplicate({ venueCode, message }: VenueRefusal): boolean {
  return venueCode === 40010001 && /client_order_id must be unique/i.test(message)
}

/** An id that Alpaca has had an order of. */
export function duplicate(clientOrderId: string): SwarmError {
  return new SwarmError({
    code: 'DUPLICATE_CLIENT_ORDER_ID',
    message: `clientOrderId: "${clientOrderId}" was used before at Alpaca; every order needs one of its own`,
    context: { clientOrderId },
  })
}

/** An account that may not trade. */
export function blocked(account: string): SwarmError {
  return new SwarmError({
    code: 'BROKER_ACCOUNT_BLOCKED',
    message: `Alpaca has blocked trading in the account "${account}": see what its dashboard says`,
  })
}
