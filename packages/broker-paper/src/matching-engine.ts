import type { EpochMs } from '@tradeswarm/core'
import {
  type BarEvent,
  type Decimal,
  decimal,
  type OpenEvent,
  type QuoteEvent,
  type Side,
  type TradeEvent,
} from '@tradeswarm/trading'
import type { HaltBoard } from './halt-board.js'
import { marketAmount } from './market-amount.js'
import type { OrderExecutor, VenueContext } from './order-executor.js'
import {
  type BarRange,
  isBeyondStop,
  type Match,
  matchAtQuote,
  matchAtTrade,
  matchInAuction,
  matchLimitInBar,
  matchStopInBar,
  stopMatch,
} from './price-matching.js'
import { isImmediate, limitInForce, type RestingOrder } from './resting-order.js'
import { couldTradeIn, joinedAtOpen, type OpenedSession, type SessionBoard, waitedForOpen } from './session-board.js'
import type { StandingQuote, Supply, SymbolMarket } from './symbol-market.js'
import { followedLevel } from './trailing-level.js'

/** What decides whether a price meets an order, besides the order. */
export type MatchingRules = { readonly sessions: SessionBoard; readonly halts: HaltBoard }

/** Matches open orders with prices, without awaiting anything: a price event is one step, its events are delivered after it. */
export class MatchingEngine {
  readonly #context: VenueContext
  readonly #executor: OrderExecutor
  readonly #rules: MatchingRules

  constructor(context: VenueContext, executor: OrderExecutor, rules: MatchingRules) {
    this.#context = context
    this.#executor = executor
    this.#rules = rules
  }

  /** Fills what waited for this open. */
  onOpen(event: OpenEvent, market: SymbolMarket, session: OpenedSession): void {
    market.noteOpen(event, this.#context.settings.maximumVolumeFraction)
    const { orders } = market
    if (orders.length === 0) return
    const open = decimal(event.price, `open of ${event.symbol}`)
    market.print = { time: event.time, start: event.time, low: open, high: open, entryReference: undefined }
    if (this.#rules.halts.isHalted(market, event.time)) return
    for (const order of orders) {
      if (order.status !== 'open' || order.request.timeInForce === 'at-close') continue
      if (!waitedForOpen(order, session)) continue
      const match = matchInAuction(order, open, event.time)
      if (match !== undefined) this.#executor.execute(order, match, undefined, event.time)
      this.#afterPrice(order, open, event.time)
      if (order.request.timeInForce === 'at-open' && isOpen(order)) this.#executor.end(order, 'expired', event.time)
    }
    market.sweep()
  }

  /** Fills resting stops, then limits, from the finished bar's range, then what waited for the close. */
  onBar(event: BarEvent, market: SymbolMarket, session: OpenedSession): void {
    const wasQuoted = market.isQuoted
    // A bar whose open was not announced gets its open matched first.
    if (market.isNewSession(event.sessionDate)) {
      const { symbol, sessionDate, start, open } = event
      this.onOpen({ type: 'open', symbol, sessionDate, time: start, price: open }, market, session)
    }
    market.noteBar(event)
    const { orders } = market
    if (orders.length === 0) return
    const bar = {
      start: event.start,
      open: decimal(event.open, `open of ${event.symbol}`),
      high: decimal(event.high, `high of ${event.symbol}`),
      low: decimal(event.low, `low of ${event.symbol}`),
      close: decimal(event.close, `close of ${event.symbol}`),
    }
    market.print = { time: event.time, start: event.start, low: bar.low, high: bar.high, entryReference: undefined }
    const { halts } = this.#rules
    if (!wasQuoted && !halts.overlaps(market, event.start, event.time))
      this.#matchRange(market, bar, session, event.time)
    if (!halts.isHalted(market, event.time)) this.#matchClose(market, bar, event)
    market.sweep()
  }

  /** Matches whatever rests with the far side of a quote. */
  onQuote(event: QuoteEvent, market: SymbolMarket): void {
    market.noteQuote(event)
    if (market.orders.length === 0) return
    market.print = undefined
    const quote = market.standingQuote()
    if (quote === undefined || !this.#isTrading(market, event.time)) return
    market.isQuoted = true
    for (const order of market.orders) if (isOpen(order)) this.#matchQuote(order, quote, event.time)
    market.sweep()
  }

  /** Sets off stops and fills limits that a trade of others has reached, within its quantity. */
  onTrade(event: TradeEvent, market: SymbolMarket): void {
    const price = marketAmount(event.price)
    const quantity = marketAmount(event.quantity)
    if (price === undefined || quantity === undefined) return
    market.noteTrade(event.price, price)
    if (market.orders.length === 0) return
    market.print = undefined
    if (!this.#isTrading(market, event.time)) return
    market.isQuoted = true
    const { maximumVolumeFraction: share, fillsOnTouch } = this.#context.settings
    const supply: Supply = { left: share === undefined ? quantity : quantity.times(share) }
    const quote = this.#freshQuote(market, event.time)
    for (const order of market.orders) {
      if (!isOpen(order) || isForAuction(order)) continue
      const match = matchAtTrade(order, price, event.time, { quote, fillsOnTouch })
      if (match !== undefined) this.#executor.execute(order, match, supply, event.time)
      if (match !== undefined || quote === undefined) this.#afterPrice(order, price, event.time)
      else this.#follow(order, price)
      order.met = true
    }
    market.sweep()
  }

  /**
   * Meets an order that has come with what is offered: a fresh quote; or, where the market is told by bars, sets off at once an exit that
   * came too late for its own entry's price only because the entry had to fill first.
   */
  onArrival(order: RestingOrder): void {
    const { market, acceptedAt: time } = order
    if (order.request.type === 'trailing-stop') this.#startTrail(order)
    if (this.#rules.halts.isHalted(market, time)) return
    const quote = this.#freshQuote(market, time)
    if (quote === undefined) this.#matchPrint(order, time)
    else if (this.#isTrading(market, time)) this.#matchQuote(order, quote, time)
    market.sweep()
  }

  /** The far side of a fresh quote, else the last price, else what was last quoted: what an order is worth as far as can be known. */
  expectedPrice(market: SymbolMarket, side: Side, time: EpochMs): Decimal | undefined {
    const last = market.lastAmount
    const quote = this.#freshQuote(market, time) ?? (last === undefined ? market.standingQuote() : undefined)
    if (quote === undefined) return last
    return side === 'buy' ? quote.ask : quote.bid
  }

  #freshQuote(market: SymbolMarket, time: EpochMs): StandingQuote | undefined {
    const { quote } = market
    if (quote === undefined || time - quote.time > this.#context.settings.quoteFreshMs) return undefined
    return market.standingQuote()
  }

  #isTrading(market: SymbolMarket, time: EpochMs): boolean {
    const { calendar } = market
    const { sessions, halts } = this.#rules
    return calendar !== undefined && sessions.isTrading(calendar, time) && !halts.isHalted(market, time)
  }

  #matchQuote(order: RestingOrder, quote: StandingQuote, time: EpochMs): void {
    if (isForAuction(order)) return
    const isBuy = order.request.side === 'buy'
    const match = matchAtQuote(order, quote, this.#context.settings.fillsOnTouch)
    if (match !== undefined) this.#executor.execute(order, match, isBuy ? quote.askSupply : quote.bidSupply, time)
    this.#afterPrice(order, isBuy ? quote.ask : quote.bid, time)
    order.met = true
  }

  #matchPrint(order: RestingOrder, time: EpochMs): void {
    const { market, request, stopPrice } = order
    if (market.print === undefined || !order.armed || stopPrice === undefined || !request.reduceOnly) return
    const referencePrice = market.exitReference(request.side, stopPrice, time)
    if (referencePrice === undefined) return
    this.#executor.execute(order, stopMatch(order, referencePrice, market.print.start), undefined, time)
  }

  /** The order of prices inside a bar is unknown, so a stop that was hit keeps the limits of its side from filling. */
  #matchRange(market: SymbolMarket, bar: BarRange, session: OpenedSession, time: EpochMs): void {
    const { fillsOnTouch } = this.#context.settings
    const matching = market.orders.filter((order) => isOpen(order) && isInRangeOf(order, bar, session))
    const limits = matching.filter((order) => limitInForce(order) !== undefined)
    const stopped: Record<Side, boolean> = { buy: false, sell: false }
    for (const order of matching) {
      if (!isOpen(order) || !order.armed) continue
      const match = matchStopInBar(order, bar) ?? matchTrailInBar(order, bar)
      if (match === undefined) continue
      stopped[order.request.side] = true
      this.#executor.execute(order, match, undefined, time)
    }
    for (const order of limits) {
      if (!isOpen(order) || stopped[order.request.side]) continue
      const match = matchLimitInBar(order, bar, fillsOnTouch)
      if (match !== undefined) this.#executor.execute(order, match, undefined, time)
    }
    for (const order of market.orders) {
      if (isImmediate(order) && isOpen(order) && joinedAtOpen(order, session))
        this.#executor.end(order, 'expired', time)
      // One that came during the bar has seen no more of it than its close.
      else if (order.armed) this.#follow(order, bar.close)
    }
  }

  /** The close is the price of an auction for those who came before it; whoever misses it ends. */
  #matchClose(market: SymbolMarket, bar: BarRange, event: BarEvent): void {
    for (const order of market.orders) {
      if (order.request.timeInForce !== 'at-close' || !isOpen(order) || order.acceptedAt >= event.time) continue
      const match = matchInAuction(order, bar.close, event.start)
      if (match !== undefined) this.#executor.execute(order, match, undefined, event.time)
      if (isOpen(order)) this.#executor.end(order, 'expired', event.time)
    }
  }

  /** An `ioc` or `fok` order has one chance; a trailing level follows. */
  #afterPrice(order: RestingOrder, price: Decimal, time: EpochMs): void {
    if (!isOpen(order)) return
    if (isImmediate(order)) this.#executor.end(order, 'expired', time)
    else if (order.armed) this.#follow(order, price)
  }

  #follow(order: RestingOrder, price: Decimal): void {
    const { trail, listing } = order
    if (!order.armed || trail === undefined) return
    order.stopPrice = followedLevel(order.stopPrice, trail, order.request.side, price, listing.tick)
  }

  /** A trailing stop rests from the last price that is known when it comes. */
  #startTrail(order: RestingOrder): void {
    const price = this.expectedPrice(order.market, order.request.side, order.acceptedAt)
    if (price !== undefined) this.#follow(order, price)
  }
}

function isOpen(order: RestingOrder): boolean {
  return order.status === 'open'
}

function isForAuction(order: RestingOrder): boolean {
  const { timeInForce } = order.request
  return timeInForce === 'at-open' || timeInForce === 'at-close'
}

/** True for an order that the whole range of the bar lies after. A stop that came with the price already past it waits like a market order. */
function isInRangeOf(order: RestingOrder, bar: BarRange, session: OpenedSession): boolean {
  if (isForAuction(order) || !couldTradeIn(order, session)) return false
  const { stopPrice, request } = order
  const isPassed = order.armed && stopPrice !== undefined && isBeyondStop(request.side, bar.open, stopPrice)
  return !isPassed || waitedForOpen(order, session)
}

/**
 * A trailing stop whose level at the open the range did not reach. Whether the bar's best price came before its worst is unknown, so the
 * level that it made is not held against the worst. It came before the close in any case: a close beyond the level has set it
 * off, and is what it gets.
 */
function matchTrailInBar(order: RestingOrder, bar: BarRange): Match | undefined {
  const { trail, stopPrice, listing } = order
  const { side } = order.request
  if (trail === undefined) return undefined
  const level = followedLevel(stopPrice, trail, side, side === 'sell' ? bar.high : bar.low, listing.tick)
  order.stopPrice = level
  return isBeyondStop(side, bar.close, level) ? stopMatch(order, bar.close, bar.start) : undefined
}
