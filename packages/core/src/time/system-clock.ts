import type { ClockAndTimers } from './clock.js'

const longestTimeoutMs = 2 ** 31 - 1

/** The machine's clock and timers. A callback must handle its own errors. */
export function createSystemClock(): ClockAndTimers {
  return {
    now: () => Date.now(),
    at(time, callback) {
      let handle: ReturnType<typeof setTimeout>
      const arm = (): void => {
        const wait = Math.max(0, time - Date.now())
        handle = wait > longestTimeoutMs ? setTimeout(arm, longestTimeoutMs) : setTimeout(() => void callback(), wait)
      }
      arm()
      return () => clearTimeout(handle)
    },
  }
}
