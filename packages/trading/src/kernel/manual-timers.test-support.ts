import type { Timers } from '@tradeswarm/core'

/** Timers that a test lets fire by hand, whatever the time. */
export type ManualTimers = Pick<Timers, 'at'> & {
  /** Runs all that are set, in the order in which they were set. */
  fire(): void
  pending(): number
}

export function createManualTimers(): ManualTimers {
  let waiting: (() => void | Promise<void>)[] = []
  return {
    at(_time, callback) {
      waiting.push(callback)
      return () => {
        waiting = waiting.filter((other) => other !== callback)
      }
    },
    fire() {
      for (const callback of waiting.splice(0)) void callback()
    },
    pending: () => waiting.length,
  }
}
