import type { ClockAndTimers } from './clock.js'

const longestTimeoutMs = 2 ** 31 - 1

/** `setImmediate` where there is one (Node, and workerd with its Node compatibility), else a time-out of 0. */
const nextTurn: (callback: () => void) => void =
  typeof setImmediate === 'function'
    ? (callback) => void setImmediate(callback)
    : (callback) => void setTimeout(callback, 0)

/** The machine's clock and timers. A callback must handle its own errors. */
export function createSystemClock(): ClockAndTimers {
  return {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    at(time, callback) {
      let handle: ReturnType<typeof setTimeout>
      const arm = (): void => {
        const wait = Math.max(0, time - Date.now())
        handle = wait > longestTimeoutMs ? setTimeout(arm, longestTimeoutMs) : setTimeout(() => void callback(), wait)
      }
      arm()
      return () => clearTimeout(handle)
    },
    soon: nextTurn,
  }
}
