import type { EpochMs, Ids } from '@tradeswarm/core'
import {
  type BarEvent,
  type Decimal,
  decimal,
  decimalText,
  divide,
  type OpenEvent,
  roundToStep,
  type Side,
  zero,
} from '@tradeswarm/trading'
import type { EventOutbox, EventWord } from './event-outbox.js'
import { affordableQuantity, feeOf } from './fee-schedule.js'
import type { OrderBook } from './order-book.js'
import type { PaperAccount } from './paper-account.js'
import type { PaperBrokerSettings } from './paper-broker-options.js'
import { type BarRange, isBeyondStop, type Match, matchAtOpen, matchInBar, stopMatch } from './price-matching.js'
import { leavesOf, type RestingOrder } from './resting-order.js'
import { couldTradeIn, joinedAtOpen, type OpenedSession, waitedForOpen } from './session-board.js'
import { type Print, SymbolMarket } from './symbol-market.js'

/** The parts of the venue that matching works on. */
export type MatchingContext = {
  readonly settings: PaperBrokerSettings
  readonly account: PaperAccount
  readonly book: OrderBook
  readonly outbox: EventOutbox
  readonly ids: Ids
}

/** Matches open orders with prices, without awaiting anything: a price event is one step, its events are delivered after it. */
export class MatchingEngine {
  readonly #context: MatchingContext
  readonly #markets = new Map<string, SymbolMarket>()

  constructor(context: MatchingContext) {
    this.#context = context
  }

  lastPrice(symbol: string): string | undefined {
    return this.#markets.get(symbol)?.lastPrice
  }

  /** Fills what waited for this open. */
  onOpen(event: OpenEvent, session: OpenedSession): void {
    const { settings, book } = this.#context
    const market = this.#market(event.symbol)
    market.noteOpen(event, settings.maximumVolumeFraction)
    const orders = book.ofSymbol(event.symbol)
    if (orders.length === 0) return
    const open = decimal(event.price, `open of ${event.symbol}`)
    market.print = { time: event.time, start: event.time, low: open, high: open, entryReference: undefined }
    for (const order of orders) {
      if (!book.isOpen(order) || !waitedForOpen(order, session)) continue
      const match = matchAtOpen(order, open, settings.slippageBasisPoints)
      if (match !== undefined) this.#execute(order, match, market, market.print, event.time)
      this.#endImmediate(order, event.time)
    }
  }

  /** Fills resting stops, then limits, from the finished bar's range. A bar whose open was not announced gets its open matched first. */
  onBar(event: BarEvent, session: OpenedSession): void {
    const market = this.#market(event.symbol)
    if (market.isNewSession(event.sessionDate)) {
      const { symbol, sessionDate, start, open } = event
      this.onOpen({ type: 'open', symbol, sessionDate, time: start, price: open }, session)
    }
    market.noteBar(event)
    const orders = this.#context.book.ofSymbol(event.symbol)
    if (orders.length === 0) return
    const bar = {
      open: decimal(event.open, `open of ${event.symbol}`),
      high: decimal(event.high, `high of ${event.symbol}`),
      low: decimal(event.low, `low of ${event.symbol}`),
    }
    market.print = { time: event.time, start: event.start, low: bar.low, high: bar.high, entryReference: undefined }
    const matching = orders.filter((order) => isInRangeOf(order, bar, session))
    this.#matchRange(matching, bar, market, market.print)
    for (const order of orders) if (joinedAtOpen(order, session)) this.#endImmediate(order, event.time)
  }

  /** Sets off at once an exit that came too late for its own entry's price only because the entry had to fill first. */
  onArrival(order: RestingOrder): void {
    const { request, stopPrice, acceptedAt } = order
    const market = this.#markets.get(request.symbol)
    if (market?.print === undefined || stopPrice === undefined || !request.reduceOnly) return
    const referencePrice = market.exitReference(request.side, stopPrice, acceptedAt)
    if (referencePrice === undefined) return
    const match = stopMatch(order, referencePrice, this.#context.settings.slippageBasisPoints)
    this.#execute(order, match, market, market.print, acceptedAt)
  }

  /** Ends an order by the venue's own word and frees what it had set aside. */
  end(order: RestingOrder, type: 'canceled' | 'expired', time: EpochMs): void {
    const { account, book } = this.#context
    account.release(order.listing.instrument.currency, order.reserved)
    book.finish(order, type)
    this.#emit(order, time, { type })
  }

  #market(symbol: string): SymbolMarket {
    let market = this.#markets.get(symbol)
    if (market === undefined) {
      market = new SymbolMarket()
      this.#markets.set(symbol, market)
    }
    return market
  }

  /** The order of prices inside a bar is unknown, so a stop that was hit keeps the limits of its side from filling. */
  #matchRange(orders: readonly RestingOrder[], bar: BarRange, market: SymbolMarket, print: Print): void {
    const { book, settings } = this.#context
    const stopped = new Set<Side>()
    for (const order of [
      ...orders.filter((one) => one.stopPrice !== undefined),
      ...orders.filter((one) => one.limitPrice !== undefined),
    ]) {
      const isLimit = order.limitPrice !== undefined
      if (!book.isOpen(order) || (isLimit && stopped.has(order.request.side))) continue
      const match = matchInBar(order, bar, settings.slippageBasisPoints)
      if (match === undefined) continue
      if (match.triggers) stopped.add(order.request.side)
      this.#execute(order, match, market, print, print.time)
    }
  }

  /** An `ioc` order has one chance. */
  #endImmediate(order: RestingOrder, time: EpochMs): void {
    if (order.request.timeInForce === 'ioc' && this.#context.book.isOpen(order)) this.end(order, 'expired', time)
  }

  #execute(order: RestingOrder, match: Match, market: SymbolMarket, print: Print, time: EpochMs): void {
    if (match.triggers) {
      order.triggered = true
      this.#emit(order, time, { type: 'triggered' })
    }
    const leaves = leavesOf(order)
    const permitted = this.#permittedQuantity(order, match.price, leaves)
    const available =
      market.volumeLeft === undefined
        ? permitted
        : smaller(permitted, roundToStep(market.volumeLeft, order.listing.lot, 'down'))
    if (available.gt(zero)) {
      this.#fill(order, match, available, print, time)
      market.useVolume(available)
    }
    if (permitted.lt(leaves) && available.eq(permitted) && this.#context.book.isOpen(order))
      this.end(order, 'canceled', time)
    this.#cancelPointless(order, time)
  }

  /** What position and cash allow of an order right now. */
  #permittedQuantity(order: RestingOrder, price: Decimal, leaves: Decimal): Decimal {
    const { account, settings } = this.#context
    const { side, reduceOnly } = order.request
    const { asset, currency } = order.listing.instrument
    const held = account.total(asset)
    if (reduceOnly || (side === 'sell' && !settings.allowShorts)) {
      const reducible = side === 'sell' ? held : zero.minus(held)
      return smaller(leaves, reducible.gt(zero) ? reducible : zero)
    }
    if (side === 'sell') return leaves
    const cash = account.total(currency)
    const cost = price.times(leaves).plus(feeOf(settings.fees, side, price, leaves))
    return cost.lte(cash) ? leaves : smaller(leaves, affordableQuantity(settings.fees, cash, price, order.listing.lot))
  }

  #fill(order: RestingOrder, match: Match, quantity: Decimal, print: Print, time: EpochMs): void {
    const { account, book, ids, settings } = this.#context
    const { side } = order.request
    const { instrument } = order.listing
    const heldBefore = account.total(instrument.asset)
    const fee = feeOf(settings.fees, side, match.price, quantity)
    account.settleTrade(instrument, side, quantity, match.price, fee)
    if (account.total(instrument.asset).abs().gt(heldBefore.abs())) print.entryReference = match.referencePrice
    this.#reduceReservation(order, quantity)
    order.filled = order.filled.plus(quantity)
    if (order.filled.eq(order.quantity)) book.finish(order, 'filled')
    this.#emit(order, time, {
      type: 'filled',
      execution: {
        tradeId: ids.next('paper-trade'),
        price: decimalText(match.price),
        quantity: decimalText(quantity),
        fee: decimalText(fee),
        feeCurrency: instrument.currency,
        referencePrice: decimalText(match.referencePrice),
        referenceTime: print.start,
        liquidity: match.liquidity,
      },
    })
  }

  #reduceReservation(order: RestingOrder, filled: Decimal): void {
    const leaves = leavesOf(order)
    // The last fill frees the rest; before it the share of what was filled, rounded so that enough stays.
    const freed = filled.eq(leaves) ? order.reserved : divide(order.reserved.times(filled), leaves, 2, 'down')
    this.#context.account.release(order.listing.instrument.currency, freed)
    order.reserved = order.reserved.minus(freed)
  }

  /** Once there is nothing left to reduce, the venue takes the other reduce-only orders of the symbol off its book. */
  #cancelPointless(order: RestingOrder, time: EpochMs): void {
    const { account, book } = this.#context
    const held = account.total(order.listing.instrument.asset)
    for (const other of book.ofSymbol(order.request.symbol)) {
      if (!other.request.reduceOnly) continue
      const reduces = other.request.side === 'sell' ? held.gt(zero) : held.lt(zero)
      if (!reduces) this.end(other, 'canceled', time)
    }
  }

  #emit(order: RestingOrder, time: EpochMs, word: EventWord): void {
    const { ids, outbox } = this.#context
    const { clientOrderId } = order.request
    outbox.push({ eventId: ids.next('paper-event'), clientOrderId, venueOrderId: order.venueOrderId, time, ...word })
  }
}

/** True for an order that the whole range of the bar lies after. A stop that came with the price already past it waits like a market order. */
function isInRangeOf(order: RestingOrder, bar: BarRange, session: OpenedSession): boolean {
  if (!couldTradeIn(order, session)) return false
  const { stopPrice, request } = order
  return stopPrice === undefined || waitedForOpen(order, session) || !isBeyondStop(request.side, bar.open, stopPrice)
}

function smaller(a: Decimal, b: Decimal): Decimal {
  return a.lt(b) ? a : b
}
