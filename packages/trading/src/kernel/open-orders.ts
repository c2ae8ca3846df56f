import type { OrderRecord } from '../orders/order-record.js'

type Open = {
  readonly symbol: string
  orders: readonly OrderRecord[]
  /** Counts up with each symbol that gets its first open order. */
  since: number
}

const none: readonly never[] = Object.freeze([])

/**
 * Open orders by symbol, in the order in which they were made; symbols in the order in which they came to have one. A symbol that has none any
 * more is kept: a map of the language walks over every time that a key was taken out and put in again, at each look for it.
 */
export class OpenOrders {
  readonly #bySymbol = new Map<string, Open>()
  #count = 0

  /** Those of a symbol as they stand now, oldest first. The list stays what it is when they change. */
  of(symbol: string): readonly OrderRecord[] {
    return this.#bySymbol.get(symbol)?.orders ?? none
  }

  has(symbol: string): boolean {
    return this.of(symbol).length > 0
  }

  /** Symbols that have some, as of now. */
  symbols(): readonly string[] {
    return this.#inOrder().map(({ symbol }) => symbol)
  }

  /** The ids of all, symbol by symbol, as of now. */
  orderIds(): readonly string[] {
    return this.#inOrder().flatMap(({ orders }) => orders.map(({ header }) => header.orderId))
  }

  /** Puts an order in the place of its earlier version, or behind the others. */
  put(order: OrderRecord): void {
    const { orderId, request } = order.header
    let open = this.#bySymbol.get(request.symbol)
    if (open === undefined) {
      open = { symbol: request.symbol, orders: none, since: 0 }
      this.#bySymbol.set(request.symbol, open)
    }
    const { orders } = open
    if (orders.length === 0) {
      this.#count += 1
      open.since = this.#count
      open.orders = [order]
      return
    }
    const place = placeOf(orders, orderId)
    if (place < 0) open.orders = [...orders, order]
    else open.orders = orders.length === 1 ? [order] : orders.with(place, order)
  }

  delete(symbol: string, orderId: string): void {
    const open = this.#bySymbol.get(symbol)
    if (open === undefined) return
    const place = placeOf(open.orders, orderId)
    if (place >= 0) open.orders = open.orders.length === 1 ? none : open.orders.toSpliced(place, 1)
  }

  #inOrder(): readonly Open[] {
    return [...this.#bySymbol.values()].filter(({ orders }) => orders.length > 0).sort((a, b) => a.since - b.since)
  }
}

/** The one that changes is mostly the last. */
function placeOf(orders: readonly OrderRecord[], orderId: string): number {
  for (let place = orders.length - 1; place >= 0; place -= 1)
    if (orders[place]?.header.orderId === orderId) return place
  return -1
}
