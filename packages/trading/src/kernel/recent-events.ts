import { type RecentList, rememberedEvents } from '../risk/activity-view.js'

/** The last events of a kind, oldest first: in a ring, as most symbols have more of them than are remembered. */
export class RecentEvents<T> implements RecentList<T> {
  readonly #events: T[]
  /** Where the oldest is, once there are as many as are remembered. */
  #start = 0

  /** Of more events than are remembered the last count. */
  constructor(events: readonly T[] = []) {
    this.#events = events.slice(-rememberedEvents)
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
    if (this.#events.length < rememberedEvents) {
      this.#events.push(event)
      return
    }
    this.#events[this.#start] = event
    this.#start = this.#start + 1 === rememberedEvents ? 0 : this.#start + 1
  }

  [Symbol.iterator](): Iterator<T> {
    return this.toArray().values()
  }

  toArray(): T[] {
    return [...this.#events.slice(this.#start), ...this.#events.slice(0, this.#start)]
  }
}
