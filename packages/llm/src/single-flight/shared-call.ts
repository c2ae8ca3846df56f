/** A call that several wait for. It is aborted when the last of them has gone, and not before. */
export type SharedCall<T> = {
  readonly value: Promise<T>
  /** Someone waits for it. The function that comes back says that they do no more; to call it twice does no harm. */
  join(): () => void
}

/** Starts `call` in the name of all who will {@link SharedCall.join}; `onAbandoned` is told when it is aborted. */
export function startSharedCall<T>(call: (signal: AbortSignal) => Promise<T>, onAbandoned: () => void): SharedCall<T> {
  const controller = new AbortController()
  let waiting = 0
  const value = call(controller.signal)
  // Whoever waits hears of a failure; with nobody left it is no unhandled one.
  value.catch(() => undefined)
  return {
    value,
    join() {
      waiting += 1
      let hasLeft = false
      return () => {
        if (hasLeft) return
        hasLeft = true
        waiting -= 1
        if (waiting > 0) return
        onAbandoned()
        controller.abort()
      }
    },
  }
}

/** Waits for a value, or for a signal: an abort rejects with its reason at once, and leaves the value alone. */
export async function untilAborted<T>(value: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return value
  signal.throwIfAborted()
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([value, aborted])
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
  }
}
