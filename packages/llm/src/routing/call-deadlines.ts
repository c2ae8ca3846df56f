import type { ClockAndTimers, Deadlines } from '@tradeswarm/core'

/**
 * Deadlines with a timer each, which goes with its call: model calls are few and long, and a timer that outlived the last of them would keep
 * a program from ending for as long as a call may take.
 */
export function createCallDeadlines(clock: ClockAndTimers): Deadlines {
  const cancels = new Set<() => void>()
  return {
    set(afterMs, target) {
      const cancel = clock.at(clock.now() + afterMs, () => {
        cancels.delete(cancel)
        if (typeof target === 'function') target()
        else target.expire()
      })
      cancels.add(cancel)
      return {
        clear() {
          cancels.delete(cancel)
          cancel()
        },
      }
    },
    close() {
      for (const cancel of cancels) cancel()
      cancels.clear()
    },
  }
}
