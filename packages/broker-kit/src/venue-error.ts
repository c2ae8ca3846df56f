import { SwarmError } from '@tradeswarm/core'
import type { Payload } from './payload.js'

/** What a venue refused a request with. `venueCode` is 0, or empty, where it gave none. */
export type VenueRefusal = {
  readonly status: number
  readonly venueCode: number | string
  readonly message: string
  readonly details: Payload
}

const refusals = new WeakMap<SwarmError, VenueRefusal>()

/** What an error of {@link VenueErrors.refused} carries; undefined for other errors. */
export function refusalIn(error: unknown): VenueRefusal | undefined {
  return SwarmError.isInstance(error) ? refusals.get(error) : undefined
}

/** Whether an error leaves open what became of the request. */
export function isUnanswered(error: unknown): boolean {
  return SwarmError.isInstance(error) && error.retryability === 'unknown-outcome'
}

/** What may be asked again: it was not done, or is a request that may be done twice. */
export function isRetryable(error: unknown): boolean {
  return SwarmError.isInstance(error) && error.retryability !== 'fatal'
}

/** What a request without an answer has done: one that only asks changes nothing (RFC 9110, 9.2.1), and is to be asked again. */
function effectOf(request: string, remedy: string): string {
  return request.startsWith('GET ')
    ? `nothing was changed by it: ${remedy}, and ask again`
    : 'whether it took effect is not known'
}

/** An order may be seen later than its first execution; after so long it is one that the venue does not show. */
export const seenWithinMs = 60_000

/** What goes wrong at a venue, with codes that are the same at each. `request` is what was asked, such as `GET /v2/account`. */
export class VenueErrors {
  readonly #venue: string

  constructor(venue: string) {
    this.#venue = venue
  }

  /** An answer that says no, for certain: nothing was done. */
  refused(refusal: VenueRefusal, request: string): SwarmError {
    const { status, venueCode, message } = refusal
    const number = venueCode === 0 || venueCode === '' ? '' : `/${venueCode}`
    const error = new SwarmError({
      code: 'BROKER_REFUSED',
      message: `${this.#venue} refused ${request} with ${status}${number}: ${message}`,
      context: { status, venueCode },
    })
    refusals.set(error, refusal)
    return error
  }

  /** Keys that do not hold. Nothing was done, and nothing will be until they do. `how` is what was answered. */
  unauthorized(request: string, how: number | string, remedy: string): SwarmError {
    return new SwarmError({
      code: 'BROKER_UNAUTHORIZED',
      message: `${this.#venue} does not accept the keys (${request} was answered with ${how}): ${remedy}`,
      context: { status: how },
    })
  }

  /** Too many requests: not done, to be asked again later. */
  rateLimited(request: string, retryAfterMs: number): SwarmError {
    return new SwarmError({
      code: 'BROKER_RATE_LIMITED',
      message: `${this.#venue} takes no more requests of the account for ${Math.ceil(retryAfterMs / 1_000)} s; ${request} was not carried out`,
      retryability: 'retryable',
      context: { retryAfterMs },
    })
  }

  /** An answer that says nothing about whether the request was carried out. `retryAfterMs` where the venue names when to ask again. */
  serverError(request: string, how: number | string, message: string, retryAfterMs?: number): SwarmError {
    return new SwarmError({
      code: 'BROKER_SERVER_ERROR',
      message: `${this.#venue} answered ${request} with ${how}: ${message}; ${effectOf(request, 'wait until the venue works again')}`,
      retryability: 'unknown-outcome',
      context: { status: how, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    })
  }

  /** An id that the venue has had an order of. */
  duplicate(clientOrderId: string): SwarmError {
    return new SwarmError({
      code: 'DUPLICATE_CLIENT_ORDER_ID',
      message: `clientOrderId: "${clientOrderId}" was used before at ${this.#venue}; every order needs one of its own`,
      context: { clientOrderId },
    })
  }

  /** An execution whose order is not to be seen: whose it is will be told later. */
  ownerUnseen(orderId: string): SwarmError {
    return new SwarmError({
      code: 'BROKER_ORDER_UNSEEN',
      message: `${this.#venue} tells of an execution of order ${orderId}, and not of that order yet: nobody knows whose it is; ask again`,
      retryability: 'retryable',
      context: { venueOrderId: orderId },
    })
  }

  /** An account that may not trade. */
  blocked(account: string, remedy: string): SwarmError {
    return new SwarmError({
      code: 'BROKER_ACCOUNT_BLOCKED',
      message: `${this.#venue} has blocked trading in the account "${account}": ${remedy}`,
    })
  }

  /** An adapter that was closed. */
  closed(account: string): SwarmError {
    return new SwarmError({
      code: 'BROKER_CLOSED',
      message: `the ${this.#venue} account "${account}" is closed: open it again to trade`,
    })
  }
}

/** No answer at all. Of whatever is no `GET` nobody knows whether it was carried out. */
export function connectionLost(request: string, reason: string): SwarmError {
  return new SwarmError({
    code: 'BROKER_CONNECTION_LOST',
    message: `there was no answer to ${request}: ${reason}; ${effectOf(request, 'check the network and urls')}`,
    retryability: 'unknown-outcome',
  })
}

/** An answer that leads elsewhere, where the keys do not go. */
export function redirected(request: string, status: number): SwarmError {
  return new SwarmError({
    code: 'BROKER_REDIRECTED',
    message: `${request} was answered with ${status}, a redirect, which is not followed: the keys go to no other host; check urls`,
    context: { status },
  })
}

/** An answer of success that nobody can read. */
export function notJson(request: string): SwarmError {
  return new SwarmError({
    code: 'BROKER_BAD_PAYLOAD',
    message: `the answer to ${request} is not JSON; ${effectOf(request, 'check urls: somebody else than the venue may have answered')}`,
    retryability: 'unknown-outcome',
  })
}

/** A policy's error about a request, in words about that request; any other as it is. */
export function namingRequest(thrown: unknown, request: string): unknown {
  if (!SwarmError.isInstance(thrown)) return thrown
  const message = policyMessage(thrown, request)
  if (message === undefined) return thrown
  const { code, retryability, context } = thrown
  return new SwarmError({ code, message, retryability, context, cause: thrown })
}

/** What went wrong with a read: where it got no answer, nothing was changed by it, and it may be asked again. */
export function readFailure(thrown: unknown): unknown {
  if (!SwarmError.isInstance(thrown) || !isUnanswered(thrown)) return thrown
  const { code, message, context } = thrown
  return new SwarmError({ code, message, retryability: 'retryable', context, cause: thrown })
}

function policyMessage({ code, context }: SwarmError, request: string): string | undefined {
  const { timeoutMs, retryAfterMs } = context
  if (code === 'TIMED_OUT')
    return `there was no answer to ${request} within ${String(timeoutMs)} ms; ${effectOf(request, 'check the network, or allow more with requestTimeoutMs')}`
  if (code !== 'CIRCUIT_OPEN') return undefined
  const wait = typeof retryAfterMs === 'number' ? ` in ${Math.ceil(retryAfterMs / 1_000)} s` : ' later'
  return `${request} was not sent, since too many requests before it had no answer; ask again${wait}, when the next is let through`
}
