/** One source that is read once, and given whole to each reader, whenever it comes. */
export type SharedStream<P> = {
  /** All parts from the first on, as they come; a failure of the source is a failure of this one. `onGone` is called when its reader cancels, or the signal aborts. */
  read(onGone: () => void, signal?: AbortSignal): ReadableStream<P>
  /** Settles when the source has ended: with its parts, or `undefined` when it failed. */
  readonly ended: Promise<readonly P[] | undefined>
}

/**
 * Reads `source` to its end, as fast as it comes: an answer of a model is short, and slow beside memory. It is stopped by aborting the
 * call that it came from.
 */
export function shareStream<P>(source: ReadableStream<P>): SharedStream<P> {
  const recording = new Recording<P>()
  return { ended: recording.take(source), read: (onGone, signal) => readerOf(recording, onGone, signal) }
}

/** A stream that ended long ago. */
export function replayStream<P>(parts: readonly P[]): SharedStream<P> {
  return {
    ended: Promise.resolve(parts),
    read: (onGone, signal) => readerOf({ parts, isOver: true, failure: undefined, news: never }, onGone, signal),
  }
}

const never = new Promise<never>(() => undefined)

/** What has come so far. `news` settles when that has changed. */
type Recorded<P> = Pick<Recording<P>, 'failure' | 'isOver' | 'news'> & { readonly parts: readonly P[] }

class Recording<P> {
  readonly parts: P[] = []
  failure: { readonly error: unknown } | undefined
  isOver = false
  news: Promise<void> = never
  #tell: () => void = () => undefined

  async take(source: ReadableStream<P>): Promise<readonly P[] | undefined> {
    this.#renew()
    const reader = source.getReader()
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        this.parts.push(next.value)
        this.#renew()
      }
    } catch (error) {
      this.failure = { error }
    }
    this.isOver = true
    this.#renew()
    return this.failure === undefined ? this.parts : undefined
  }

  #renew(): void {
    const tell = this.#tell
    this.news = new Promise((resolve) => {
      this.#tell = resolve
    })
    tell()
  }
}

function readerOf<P>(recorded: Recorded<P>, onGone: () => void, signal?: AbortSignal): ReadableStream<P> {
  let position = 0
  let isGone = false
  let onAbort: (() => void) | undefined
  const end = (): void => {
    isGone = true
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort)
  }
  return new ReadableStream<P>({
    start(controller) {
      onAbort = () => {
        end()
        controller.error(signal?.reason)
        onGone()
      }
      if (signal?.aborted === true) onAbort()
      else signal?.addEventListener('abort', onAbort, { once: true })
    },
    async pull(controller) {
      while (position === recorded.parts.length && !recorded.isOver) await recorded.news
      if (isGone) return
      if (position < recorded.parts.length) {
        controller.enqueue(recorded.parts[position] as P)
        position += 1
        return
      }
      end()
      if (recorded.failure === undefined) controller.close()
      else controller.error(recorded.failure.error)
    },
    cancel() {
      end()
      onGone()
    },
  })
}
