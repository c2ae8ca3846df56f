import { type ClockAndTimers, type EpochMs, SwarmError } from '@tradeswarm/core'
import { isUnanswered } from './venue-error.js'

export type LookUp<Found> = {
  readonly venue: string
  /** How long is waited before each look-up. */
  readonly waitsMs: readonly number[]
  readonly clock: ClockAndTimers
  /** What the venue has under a client order id. */
  readonly find: (clientOrderId: string) => Promise<Found | undefined>
  /** The last look-up comes no sooner than this: until then the request may still take effect. */
  readonly notBefore?: EpochMs
}

/**
 * What a request has made. Where its answer does not tell, that is looked up by the client order id; that it is not found is no proof for a
 * while. Throws what the request threw where that is a definite no, else `ORDER_OUTCOME_UNKNOWN`.
 */
export async function outcomeOf<Found>(
  sending: Promise<Found>,
  clientOrderId: string,
  { venue, waitsMs, clock, find, notBefore = 0 }: LookUp<Found>,
): Promise<Found> {
  try {
    return await sending
  } catch (thrown) {
    if (!SwarmError.isInstance(thrown) || !isUnanswered(thrown)) throw thrown
    const last = waitsMs.length - 1
    let unanswered = 0
    for (const [index, waitMs] of waitsMs.entries()) {
      const at = Math.max(clock.now() + waitMs, index === last ? notBefore : 0)
      await new Promise<void>((resolve) => void clock.at(at, resolve))
      const found = await find(clientOrderId).catch(() => {
        unanswered += 1
        return undefined
      })
      if (found !== undefined) return found
    }
    throw new SwarmError({
      code: 'ORDER_OUTCOME_UNKNOWN',
      message: `nobody knows whether order ${clientOrderId} reached ${venue}: ${thrown.message}; ${lookedUp(waitsMs.length, unanswered)}: look it up before you send another`,
      retryability: 'unknown-outcome',
      context: { clientOrderId, because: thrown.code },
    })
  }
}

/** A look-up without an answer has not said that there is no such order. */
function lookedUp(times: number, unanswered: number): string {
  if (times === 0) return 'it was not looked up'
  if (unanswered === 0) return `it was looked up ${times} times without being found`
  if (unanswered === times) return `it was looked up ${times} times, without an answer`
  return `it was looked up ${times} times: ${times - unanswered} without being found, ${unanswered} without an answer`
}
