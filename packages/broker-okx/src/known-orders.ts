import { RecentMap } from '@tradeswarm/broker-kit'
import type { RevisionBook } from './revision-book.js'
import { childIdsOf, type TrackedOrder } from './tracked-order.js'

/** At least so many finished orders are remembered, so that what is told of them late or twice is known, and at most twice as many. */
const rememberedOrders = 20_000

/** The orders that live, and those that ended lately, by every id and name that they are told of under. */
export class KnownOrders {
  /** By every id of the venue's: of orders, of algo orders, and of what these have become. */
  readonly #byId = new RecentMap<TrackedOrder>()
  /** By the client order id at the venue. */
  readonly #byName = new RecentMap<TrackedOrder>()
  readonly #live = new Set<TrackedOrder>()
  readonly #revisions: RevisionBook
  /** How many have ended since the last time that some were forgotten. */
  #ended = 0

  constructor(revisions: RevisionBook) {
    this.#revisions = revisions
  }

  find(venueOrderId: string): TrackedOrder | undefined {
    return this.#byId.get(venueOrderId)
  }

  /** By any name that it has had, and by that of an amendment which is on its way. */
  named(name: string): TrackedOrder | undefined {
    return this.#byName.get(this.#revisions.firstNameOf(name))
  }

  /** Those that are not known to have ended. */
  live(): readonly TrackedOrder[] {
    return [...this.#live]
  }

  /** Takes an order that lives; `name` is its client order id at the venue, or its id where it has none. */
  add(tracked: TrackedOrder, name: string): void {
    this.#live.add(tracked)
    this.#byId.set(tracked.id, tracked)
    this.#byName.set(name, tracked)
  }

  /** Another id of the venue's is of an order. */
  alias(id: string, tracked: TrackedOrder): void {
    this.#byId.set(id, tracked)
  }

  /** An order that went by its id has a name. */
  rename(tracked: TrackedOrder, name: string): void {
    this.#byName.delete(tracked.name)
    this.#byName.set(name, tracked)
  }

  /** An order has ended. */
  end(tracked: TrackedOrder): void {
    this.#live.delete(tracked)
    this.#ended += 1
    if (this.#ended >= rememberedOrders) this.#forget()
  }

  /** Forgets what ended before as many have. */
  #forget(): void {
    this.#ended = 0
    const gone = this.#byId.turn()
    this.#byName.turn()
    for (const tracked of this.#live) {
      this.#byId.set(tracked.id, tracked)
      for (const id of childIdsOf(tracked)) this.#byId.set(id, tracked)
      this.#byName.set(this.#revisions.firstNameOf(tracked.name), tracked)
    }
    if (this.#revisions.isEmpty) return
    for (const [, { id, name }] of gone) if (this.#byId.get(id) === undefined) this.#revisions.forget(name)
  }
}
