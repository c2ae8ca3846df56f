/** Tells an observer. What it throws is dropped: a fault of whoever watches is not one of what is watched. */
export function tell<Event>(onEvent: ((event: Event) => void) | undefined, event: Event): void {
  if (onEvent === undefined) return
  try {
    onEvent(event)
  } catch {
    // See above.
  }
}
