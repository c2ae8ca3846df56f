import { IdIndex } from '@tradeswarm/core'
import { type Decimal, decimalText, type OrderRequest, type VenueOrder } from '@tradeswarm/trading'
import type { VenueInstrument } from './paper-broker-options.js'
import type { RestingOrder } from './resting-order.js'
import { SymbolMarket } from './symbol-market.js'

/** Every order that the venue ever heard of, by each client order id it had, and the market of each symbol with what rests in it. */
export class OrderBook {
  /** Orders that were taken; of those that were turned away only what is shown of them. */
  readonly #known = new IdIndex<RestingOrder | VenueOrder>()
  readonly #markets = new Map<string, SymbolMarket>()
  readonly #instruments: ReadonlyMap<string, VenueInstrument>
  #openCount = 0

  constructor(instruments: ReadonlyMap<string, VenueInstrument>) {
    this.#instruments = instruments
  }

  market(symbol: string): SymbolMarket {
    let market = this.#markets.get(symbol)
    if (market === undefined) {
      market = new SymbolMarket(symbol, this.#instruments.get(symbol)?.instrument.calendar)
      this.#markets.set(symbol, market)
    }
    return market
  }

  /** The market of a symbol that was heard of before. */
  knownMarket(symbol: string): SymbolMarket | undefined {
    return this.#markets.get(symbol)
  }

  markets(): Iterable<SymbolMarket> {
    return this.#markets.values()
  }

  get hasOpenOrders(): boolean {
    return this.#openCount > 0
  }

  add(order: RestingOrder): void {
    this.#known.set(order.request.clientOrderId, order)
    order.market.orders.push(order)
    if (order.request.reduceOnly) order.market.reduceOnlyCount += 1
    this.#openCount += 1
  }

  /** The order goes by the terms of an amendment; what it was stays known. */
  revise(order: RestingOrder, request: OrderRequest, quantity: Decimal): void {
    const before = { ...viewOf(order), status: 'replaced' } as const
    if (order.former === undefined) order.former = [before]
    else order.former.push(before)
    order.request = request
    order.quantity = quantity
    this.#known.set(request.clientOrderId, order)
  }

  /** Puts an order behind all others of its symbol. Not while they are being walked. */
  requeue(order: RestingOrder): void {
    const { orders } = order.market
    const index = orders.indexOf(order)
    if (index >= 0) orders.splice(index, 1)
    orders.push(order)
  }

  finish(order: RestingOrder, status: 'filled' | 'canceled' | 'expired'): void {
    order.status = status
    order.market.endedCount += 1
    if (order.request.reduceOnly) order.market.reduceOnlyCount -= 1
    this.#openCount -= 1
  }

  /** Remembers an order that was turned away, so that its id is never taken again. */
  refuse(order: VenueOrder): void {
    this.#known.set(order.clientOrderId, order)
  }

  isKnown(clientOrderId: string): boolean {
    return this.#known.has(clientOrderId)
  }

  /** The order that has, or once had, this id. */
  resting(clientOrderId: string): RestingOrder | undefined {
    const known = this.#known.get(clientOrderId)
    return known !== undefined && 'market' in known ? known : undefined
  }

  /** The venue's view of an order, open or finished; under an id that an amendment has replaced, as it was then. */
  find(clientOrderId: string): VenueOrder | undefined {
    const order = this.#known.get(clientOrderId)
    if (order === undefined || !('market' in order)) return order
    if (order.request.clientOrderId === clientOrderId) return viewOf(order)
    return order.former?.find((one) => one.clientOrderId === clientOrderId)
  }

  /** Open orders, in the order of arrival. */
  open(): RestingOrder[] {
    const open: RestingOrder[] = []
    for (const { orders } of this.#markets.values())
      for (const order of orders) if (order.status === 'open') open.push(order)
    return open.sort((a, b) => a.sequence - b.sequence)
  }

  view(): readonly VenueOrder[] {
    return this.open().map(viewOf)
  }
}

/** An order as the venue shows it. */
function viewOf(order: RestingOrder): VenueOrder {
  return {
    clientOrderId: order.request.clientOrderId,
    venueOrderId: order.venueOrderId,
    symbol: order.request.symbol,
    side: order.request.side,
    status: order.status,
    quantity: decimalText(order.quantity),
    filledQuantity: decimalText(order.filled.minus(order.busted)),
  }
}
