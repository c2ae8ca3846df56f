import { type ClockAndTimers, createSystemClock, SwarmError } from '@tradeswarm/core'
import { isAlive, isRunning } from './double-process.js'
import type { VenueRecord } from './venue-file.js'

const lookEveryMs = 1_000

/** Calls a run off whose double has ended: nothing can be traded at it any more. Answers how to stop looking. */
export function watchDouble(record: VenueRecord, abort: AbortController): () => void {
  const clock: ClockAndTimers = createSystemClock()
  let cancel = (): void => undefined
  const look = (): void => {
    if (isRunning(record)) cancel = clock.at(clock.now() + lookEveryMs, look)
    else abort.abort()
  }
  look()
  return () => cancel()
}

/** What went wrong with a run: that its double has ended, where it has, whatever was found out by it. */
export async function causeOf(thrown: unknown, record: VenueRecord, folder: string): Promise<unknown> {
  if (await isAlive(record)) return thrown
  return new SwarmError({
    code: 'VENUE_GONE',
    message: `the double of ${record.broker} at ${record.url} has ended while the swarm traded there, and with it its orders and positions: look at ${folder} with tradeswarm orders, begin anew there with --overwrite, or elsewhere without --out`,
    cause: thrown,
  })
}
