/** Lets the rest of the process run once: signals, timers, input. It changes nothing in virtual time. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
