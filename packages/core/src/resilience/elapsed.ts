import type { Clock } from '../time/clock.js'

/** Milliseconds since some moment of the past, never going back where the clock can tell: for lengths of time, not for moments. */
export function elapsedOf(clock: Clock): number {
  return clock.elapsed === undefined ? clock.now() : clock.elapsed()
}
