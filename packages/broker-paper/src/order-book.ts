import { decimalText, type VenueOrder } from '@tradeswarm/trading'
import type { RestingOrder } from './resting-order.js'

const none: readonly RestingOrder[] = []

/** Every order that the venue ever heard of: open ones by symbol in the order of their arrival, finished ones by id. */
export class OrderBook {
  readonly #open = new Map<string, RestingOrder>()
  readonly #bySymbol = new Map<string, Set<RestingOrder>>()
  readonly #finished = new Map<string, VenueOrder>()

  add(order: RestingOrder): void {
    const { clientOrderId, symbol } = order.request
    this.#open.set(clientOrderId, order)
    const ofSymbol = this.#bySymbol.get(symbol)
    if (ofSymbol === undefined) this.#bySymbol.set(symbol, new Set([order]))
    else ofSymbol.add(order)
  }

  finish(order: RestingOrder, status: 'filled' | 'canceled' | 'expired'): void {
    const { clientOrderId, symbol } = order.request
    this.#open.delete(clientOrderId)
    const ofSymbol = this.#bySymbol.get(symbol)
    ofSymbol?.delete(order)
    if (ofSymbol?.size === 0) this.#bySymbol.delete(symbol)
    this.#finished.set(clientOrderId, venueOrder(order, status))
  }

  /** Remembers an order that was turned away, so that its id is never taken again. */
  refuse(order: VenueOrder): void {
    this.#finished.set(order.clientOrderId, order)
  }

  isOpen(order: RestingOrder): boolean {
    return this.#open.has(order.request.clientOrderId)
  }

  openOrder(clientOrderId: string): RestingOrder | undefined {
    return this.#open.get(clientOrderId)
  }

  /** The venue's view of an order, open or finished. */
  find(clientOrderId: string): VenueOrder | undefined {
    const open = this.#open.get(clientOrderId)
    return open === undefined ? this.#finished.get(clientOrderId) : venueOrder(open, 'open')
  }

  /** A snapshot, so that orders may be finished while it is walked. */
  ofSymbol(symbol: string): readonly RestingOrder[] {
    const orders = this.#bySymbol.get(symbol)
    return orders === undefined ? none : [...orders]
  }

  all(): readonly RestingOrder[] {
    return [...this.#open.values()]
  }

  view(): readonly VenueOrder[] {
    return this.all().map((order) => venueOrder(order, 'open'))
  }
}

function venueOrder(order: RestingOrder, status: VenueOrder['status']): VenueOrder {
  return {
    clientOrderId: order.request.clientOrderId,
    venueOrderId: order.venueOrderId,
    symbol: order.request.symbol,
    status,
    quantity: order.request.quantity,
    filledQuantity: decimalText(order.filled),
  }
}
