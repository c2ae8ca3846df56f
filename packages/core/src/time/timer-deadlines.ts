import type { ClockAndTimers } from './clock.js'
import type { Deadlines } from './deadlines.js'

/**
 * Deadlines with a timer each, which is cleared with it: for calls of a network, which are few and long. The timers of {@link createDeadlines}
 * outlive what they were set for, and one that does would keep a program from ending for as long as a call may take.
 */
export function createTimerDeadlines(clock: ClockAndTimers): Deadlines {
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
