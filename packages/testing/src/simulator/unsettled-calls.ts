import type { EpochMs } from '@tradeswarm/core'
import { simulationStart } from './session-calendar.js'

/** The calls of one caller that have not settled yet, in the order in which they were made. */
export type UnsettledCalls = {
  /** Notes a call until it settles, however that is; what comes of it is the caller's. Returns the same call. */
  watch<T>(what: string, call: Promise<T>): Promise<T>
  /** Says of the oldest call what it is and since when, where it has waited for so long. */
  oldest(forMs: number): string | undefined
}

/** None yet. */
export function createUnsettledCalls(caller: string, now: () => EpochMs): UnsettledCalls {
  const calls = new Set<{ readonly what: string; readonly since: EpochMs }>()
  return {
    watch(what, call) {
      const mine = { what, since: now() }
      calls.add(mine)
      const settled = (): void => void calls.delete(mine)
      // An adapter in plain JavaScript may answer with no promise at all.
      Promise.resolve(call).then(settled, settled)
      return call
    },
    oldest(forMs) {
      const [first] = calls
      if (first === undefined || now() - first.since < forMs) return undefined
      return `${first.what}, called by ${caller} at ${first.since - simulationStart} ms,`
    },
  }
}
