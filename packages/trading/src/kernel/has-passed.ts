import type { EpochMs } from '@tradeswarm/core'

/**
 * Whether so long has passed since an instant of our clock. Where the clock was put back behind that instant nobody knows how long it was:
 * it counts as passed, or all that waits would wait until the clock has caught up.
 */
export function hasPassed(now: EpochMs, since: EpochMs, pauseMs: number): boolean {
  return now - since >= pauseMs || now < since
}
