import type { RequestClass } from '@tradeswarm/broker-kit'
import { decimal, decimalText, type VenueOrder, zero } from '@tradeswarm/trading'
import { isClientId } from './map-order.js'
import type { OrderTracker } from './order-tracker.js'
import type { OkxAlgo, OkxOrder } from './parse-order.js'
import { isMade } from './revision-book.js'
import { childIdsOf, childrenOf } from './tracked-order.js'
import type { TradingClient } from './trading-client.js'
import { noWord, partlySetOff, venueAlgoOf, venueOrderOf, wholeOf, worthOf } from './venue-order.js'

/** OKX looks an order up in one instrument at a time: up to so many are tried. */
const maximumSymbols = 20
/** Of the orders that have ended, so many hundreds are looked through of each kind: five seconds at OKX's rate. */
const historyPages = 100

/** An order as the venue has it: a plain one, or an algo order with what it has become. */
export type Sighting =
  | { readonly kind: 'order'; readonly order: OkxOrder }
  | {
      readonly kind: 'algo'
      readonly algo: OkxAlgo
      /** What it has become, as one. */
      readonly child: OkxOrder | undefined
      readonly children: readonly OkxOrder[]
    }

/** Finds orders at the venue by the name that they have here. */
export class OrderFinder {
  readonly #client: TradingClient
  readonly #tracker: OrderTracker
  readonly #symbols: readonly string[] | undefined

  constructor(client: TradingClient, tracker: OrderTracker, symbols: readonly string[] | undefined) {
    this.#client = client
    this.#tracker = tracker
    this.#symbols = symbols
  }

  /** Undefined where the venue knows none, or not yet. `as: 'cancel'` where a cancel waits for it. */
  async see(name: string, as: RequestClass = 'read'): Promise<Sighting | undefined> {
    const known = this.#tracker.named(name)
    if (known === undefined) {
      // At OKX it goes by its first name for good.
      const first = this.#tracker.revisions.firstNameOf(name)
      return isClientId(first) ? this.#search(first, as) : undefined
    }
    if (known.kind === 'order') {
      // What was cancelled without executions is forgotten after two hours, but not here. One that is not known to have ended is missing.
      const order = (await this.#client.order(known.symbol, known.id, as)) ?? (known.hasEnded ? known.order : undefined)
      return order === undefined ? undefined : { kind: 'order', order }
    }
    const algo = (await this.#client.algo(known.id, as)) ?? (known.hasEnded ? known.algo : undefined)
    if (algo !== undefined) return this.#withChildren(algo, as, childrenOf(known))
    const [childId] = childIdsOf(known)
    const child = childId === undefined ? undefined : await this.#client.order(known.symbol, childId, as)
    return child === undefined ? undefined : { kind: 'order', order: child }
  }

  /** The order under a name in the words of the order manager. */
  async view(name: string): Promise<VenueOrder | undefined> {
    const seen = await this.see(name)
    if (seen === undefined) return undefined
    const standing = this.#standing(name, seen)
    if (standing === 'not-made') return undefined
    const view = await this.#viewOf(name, seen)
    if (standing === 'in-force') return view
    const filledQuantity = this.#tracker.revisions.of(name)?.filledAs.get(name) ?? view.filledQuantity
    return { ...view, filledQuantity, status: 'replaced' }
  }

  /** Whether a name is the one that an order goes by, by the terms that it is seen with; or one before; or of an amendment that does not show. */
  #standing(name: string, seen: Sighting): 'in-force' | 'replaced' | 'not-made' {
    const { revisions } = this.#tracker
    const known = revisions.of(name)
    if (known === undefined) return 'in-force'
    const { names, pending } = known
    const [order, algo] = seen.kind === 'algo' ? [seen.child, seen.algo] : [seen.order, undefined]
    const isPendingMade = pending !== undefined && isMade(pending, order, algo)
    // Whoever listens is to hear of it as well.
    const tracked = this.#tracker.named(name)
    if (isPendingMade && tracked !== undefined) this.#tracker.take(tracked, pending.by, (algo ?? order)?.updatedAt ?? 0)
    const last = isPendingMade ? pending.by : names.at(-1)
    if (name === last) return 'in-force'
    return names.includes(name) ? 'replaced' : 'not-made'
  }

  async #viewOf(name: string, seen: Sighting): Promise<VenueOrder> {
    const own = this.#tracker.named(name) ?? noWord
    if (seen.kind === 'algo') return venueAlgoOf(seen.algo, seen.child, name, own)
    const view = venueOrderOf(seen.order, name, own)
    return seen.order.isInQuote ? this.#inQuote(view, seen.order) : view
  }

  /** An order that counts in currency, exactly: its average price is rounded. */
  async #inQuote(view: VenueOrder, order: OkxOrder): Promise<VenueOrder> {
    if (decimal(order.filledQuantity).isZero()) return view
    const fills = await this.#client.fillsOf(order)
    // The list may be behind: the average price tells as much as is known then, and nothing is to end with less.
    const listed = fills.reduce((sum, { quantity }) => sum.plus(decimal(quantity)), zero)
    if (listed.lt(decimal(order.filledQuantity))) return view
    const worth = worthOf(fills)
    const isCut = view.status === 'filled' && worth.lt(decimal(order.quantity))
    return { ...view, filledQuantity: decimalText(worth), status: isCut ? 'canceled' : view.status }
  }

  /** Nobody here knows the name: that was in another life. */
  async #search(name: string, as: RequestClass): Promise<Sighting | undefined> {
    const symbols = this.#symbols ?? []
    const [algo, ...orders] = await Promise.all([
      this.#client.algoByClientId(name, as),
      ...symbols.slice(0, maximumSymbols).map((symbol) => this.#client.orderByClientId(symbol, name, as)),
    ])
    if (algo !== undefined) return this.#withChildren(algo, as, [])
    const order = orders.find((found) => found !== undefined) ?? (await this.#searchLists(name, as, symbols.length))
    return order === undefined ? undefined : { kind: 'order', order }
  }

  async #searchLists(name: string, as: RequestClass, tried: number): Promise<OkxOrder | undefined> {
    if (this.#symbols !== undefined && tried <= maximumSymbols) return undefined
    const open = (await this.#client.openOrders(as)).find(({ clientOrderId }) => clientOrderId === name)
    // What does not rest is not to be cancelled, whatever became of it.
    if (open !== undefined || as === 'cancel') return open
    return this.#client.findInHistory(name, historyPages)
  }

  /** An algo order with what it has become. What cannot be seen of that may trade yet. */
  async #withChildren(algo: OkxAlgo, as: RequestClass, known: readonly OkxOrder[]): Promise<Sighting> {
    const ids = [...new Set([...algo.childIds, ...known.map(({ id }) => id)])]
    const seen = await Promise.all(ids.map((id) => this.#client.order(algo.symbol, id, as)))
    const children = ids.flatMap((id, index) => seen[index] ?? known.find((child) => child.id === id) ?? [])
    const isWhole = children.length === ids.length
    return { kind: 'algo', algo: isWhole ? algo : { ...algo, state: partlySetOff }, child: wholeOf(children), children }
  }
}
