/**
 * Calls back when nothing is under way in the process from which anything could come: no timer, no file, no socket. Then whatever is
 * awaited will never settle, and Node would end the process. Returns how to stop listening.
 */
export function onIdleProcess(callback: () => void): () => void {
  // The process lives on for one more turn, or what the callback sets off would not be seen.
  const handle = (): void => void setImmediate(callback)
  process.once('beforeExit', handle)
  return () => process.off('beforeExit', handle)
}
