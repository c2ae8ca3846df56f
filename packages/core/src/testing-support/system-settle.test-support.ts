/** Resolves when every promise that can settle without a timer has settled: the platform runs them all before its next turn. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
