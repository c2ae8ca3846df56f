/** An item whose answer somebody waits for; several may wait for one. */
export class PendingItem<Answer> {
  readonly key: string
  readonly content: unknown
  readonly #waiting = new Set<{ resolve: (answer: Answer) => void; reject: (error: Error) => void }>()

  constructor(key: string, content: unknown) {
    this.key = key
    this.content = content
  }

  /** True when all who waited have gone. */
  get isAbandoned(): boolean {
    return this.#waiting.size === 0
  }

  /** Waits for the answer. An abort ends the waiting, and nobody else's. */
  wait(signal?: AbortSignal): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const stop = (): void => signal?.removeEventListener('abort', onAbort)
      const waiter = {
        resolve: (answer: Answer) => {
          stop()
          resolve(answer)
        },
        reject: (error: Error) => {
          stop()
          reject(error)
        },
      }
      const onAbort = (): void => {
        this.#waiting.delete(waiter)
        waiter.reject(signal?.reason as Error)
      }
      this.#waiting.add(waiter)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** `answerFor` gives each its own. */
  resolve(answerFor: () => Answer): void {
    for (const waiter of this.#waiting) waiter.resolve(answerFor())
    this.#waiting.clear()
  }

  reject(error: unknown): void {
    for (const waiter of this.#waiting) waiter.reject(error as Error)
    this.#waiting.clear()
  }
}
