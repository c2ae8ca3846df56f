import type { EpochMs } from '@tradeswarm/core'
import { type RecentList, rememberedEvents } from '../risk/activity-view.js'

/** The last events of a kind, oldest first: in a ring, as most symbols have more of them than are remembered. */
export class RecentEvents<T extends { readonly time: EpochMs }> implements RecentList<T> {
  readonly #events: T[]
  /** So many of the last are in the order of their times. */
  #ordered = 0
  /** Where the oldest is, once there are as many as are remembered. */
  #start = 0

  /** Of more events than are remembered the last count. */
  constructor(events: readonly T[] = []) {
    this.#events = events.slice(-rememberedEvents)
    let before: T | undefined
    for (const event of this.#events) {
      this.#countAfter(before, event)
      before = event
    }
  }

  get isInOrder(): boolean {
    return this.#ordered >= this.#events.length
  }

  get length(): number {
    return this.#events.length
  }

  at(index: number): T | undefined {
    if (index >= this.#events.length) return undefined
    const place = this.#start + index
    return this.#events[place < this.#events.length ? place : place - this.#events.length]
  }

  push(event: T): void {
    this.#countAfter(this.at(this.#events.length - 1), event)
    if (this.#events.length < rememberedEvents) {
      this.#events.push(event)
      return
    }
    this.#events[this.#start] = event
    this.#start = this.#start + 1 === rememberedEvents ? 0 : this.#start + 1
  }

  #countAfter(before: T | undefined, { time }: T): void {
    this.#ordered = before === undefined || time >= before.time ? this.#ordered + 1 : 1
  }

  [Symbol.iterator](): Iterator<T> {
    return this.toArray().values()
  }

  toArray(): T[] {
    return [...this.#events.slice(this.#start), ...this.#events.slice(0, this.#start)]
  }
}
