const defaultMs = 20_000

/** Ends the process with an error unless it is fed or ended in time: what never comes must not be waited for without end. */
export function startWatchdog(what, milliseconds = defaultMs) {
  const timer = setTimeout(() => {
    throw new Error(`waited ${milliseconds} ms in vain for ${what}`)
  }, milliseconds)
  return { feed: () => void timer.refresh(), end: () => clearTimeout(timer) }
}
