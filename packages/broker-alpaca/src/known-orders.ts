import { RecentMap } from '@tradeswarm/broker-kit'
import type { Tracked } from './tracked-order.js'

/** At least so many finished orders are remembered, so that what is told of them late or twice is known, and at most twice as many. */
const rememberedOrders = 20_000

/** The orders that live, and those that ended lately, with the stops of pairs beside them. */
export class KnownOrders {
  readonly #byId = new RecentMap<Tracked>()
  readonly #live = new Set<Tracked>()
  /** By client order id: of those that live, and of those whose place another has taken. */
  readonly #idOf = new Map<string, string>()
  /** The pairs that stops belong to, by the ids of the stops. */
  readonly #pairOf = new Map<string, Tracked>()
  /** How many have ended since the last time that some were forgotten. */
  #ended = 0

  find(venueOrderId: string): Tracked | undefined {
    return this.#byId.get(venueOrderId)
  }

  /** The pair that a stop belongs to. */
  pairOf(stopId: string): Tracked | undefined {
    // Asked with each order that is new: most accounts hold no pairs.
    return this.#pairOf.size === 0 ? undefined : this.#pairOf.get(stopId)
  }

  /** The venue's id of an order that lives, or whose place another has taken. */
  idOf(clientOrderId: string): string | undefined {
    return this.#idOf.get(clientOrderId)
  }

  /** Those that are not known to have ended. */
  live(): readonly Tracked[] {
    return [...this.#live]
  }

  /** Takes an order that lives. */
  add(tracked: Tracked): void {
    const { id, clientOrderId } = tracked.order
    this.#live.add(tracked)
    this.#byId.set(id, tracked)
    this.#idOf.set(clientOrderId, id)
  }

  /** A stop belongs to a pair. */
  addStop(stopId: string, pair: Tracked): void {
    this.#pairOf.set(stopId, pair)
  }

  /** An order has ended. */
  end(tracked: Tracked): void {
    const { clientOrderId, replacedBy } = tracked.order
    this.#live.delete(tracked)
    if (replacedBy === undefined) this.#idOf.delete(clientOrderId)
    this.#ended += 1
    if (this.#ended >= rememberedOrders) this.#forget()
  }

  /** Forgets what ended before as many have. */
  #forget(): void {
    this.#ended = 0
    const gone = this.#byId.turn()
    for (const tracked of this.#live) this.#byId.set(tracked.order.id, tracked)
    if (this.#pairOf.size === 0 && this.#idOf.size === this.#live.size) return
    for (const [id, { order, stop, formerStops = [] }] of gone) {
      if (this.#byId.get(id) !== undefined) continue
      this.#idOf.delete(order.clientOrderId)
      if (stop !== undefined) for (const each of [stop, ...formerStops]) this.#pairOf.delete(each.order.id)
    }
  }
}
