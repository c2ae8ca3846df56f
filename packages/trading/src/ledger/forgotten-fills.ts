import type { EpochMs } from '@tradeswarm/core'
import { IdIndex } from '../kernel/id-index.js'
import { IdQueue } from '../kernel/id-queue.js'
import type { ForgottenFill } from './book-record.js'

/** Fills that were folded and are remembered by their keys, in the order in which they were; each fill that comes is looked for among them. */
export class ForgottenFills {
  readonly #fills = new IdIndex<ForgottenFill>()
  readonly #keys = new IdQueue()
  /** The time of what was forgotten last, as long as nothing was older than what was forgotten before it; then undefined. */
  #last: EpochMs | undefined = Number.NEGATIVE_INFINITY

  get size(): number {
    return this.#fills.size
  }

  get(key: string): ForgottenFill | undefined {
    return this.#fills.get(key)
  }

  has(key: string): boolean {
    return this.#fills.has(key)
  }

  list(): readonly (readonly [string, ForgottenFill])[] {
    return this.#keys.list().map((key) => [key, this.#fills.get(key) as ForgottenFill])
  }

  add(key: string, fill: ForgottenFill): void {
    if (!this.#fills.has(key)) this.#keys.add(key)
    this.#fills.set(key, fill)
    if (this.#last !== undefined) this.#last = fill.time < this.#last ? undefined : fill.time
  }

  /** Drops those of before a time. Where they lie in the order of their times, as nearly always, it looks at no others. */
  dropBefore(time: EpochMs): void {
    const isInOrder = this.#last !== undefined
    for (let left = this.#keys.size; left > 0; left -= 1) {
      const key = this.#keys.oldest as string
      const isOlder = (this.#fills.get(key) as ForgottenFill).time < time
      if (!isOlder && isInOrder) return
      this.#keys.shift()
      if (isOlder) this.#fills.delete(key)
      else this.#keys.add(key)
    }
  }
}
