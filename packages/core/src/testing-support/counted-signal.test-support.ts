export type CountedSignal = {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
  /** Listeners that were added, and that are still there. */
  added(): number
  listening(): number
}

/** A signal that counts who listens to it; the counts hold as long as nobody adds the same listener twice or asks for `once`. */
export function createCountedSignal(): CountedSignal {
  const controller = new AbortController()
  const { signal } = controller
  const listeners = new Set<unknown>()
  let added = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    added += 1
    listeners.add(listener)
    add(type, listener)
  }
  signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    listeners.delete(listener)
    remove(type, listener)
  }
  return {
    signal,
    abort: (reason) => controller.abort(reason),
    added: () => added,
    listening: () => listeners.size,
  }
}
