/** `setImmediate` where there is one (Node, and workerd with its Node compatibility), else a time-out of 0. */
const nextTurn: (callback: () => void) => void =
  typeof setImmediate === 'function'
    ? (callback) => void setImmediate(callback)
    : (callback) => void setTimeout(callback, 0)

/** Resolves when every promise that can settle without a timer or the network has settled: the platform runs them all before its next turn. */
export function settle(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve))
}
