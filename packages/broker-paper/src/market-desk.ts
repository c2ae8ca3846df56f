import type { EpochMs } from '@tradeswarm/core'
import { assertMarketEvent, type BarEvent, decimal, type MarketEvent, type OpenEvent, zero } from '@tradeswarm/trading'
import { applySplit, chargeBorrowing, payDividend } from './corporate-actions.js'
import { type FundingDesk, fundingRate } from './funding-desk.js'
import type { MatchingEngine } from './matching-engine.js'
import type { OrderExecutor, VenueContext } from './order-executor.js'
import type { RestingOrder } from './resting-order.js'
import { couldTradeIn, type OpenedSession, type SessionBoard } from './session-board.js'
import type { SymbolMarket } from './symbol-market.js'

/** What the market desk works with. */
export type MarketDeskParts = {
  readonly venue: VenueContext
  readonly engine: MatchingEngine
  readonly executor: OrderExecutor
  readonly sessions: SessionBoard
  readonly funding: FundingDesk
  readonly nextSequence: () => number
}

const dayMs = 86_400_000

/** Hears the market for the venue: prices go to the matching engine, the rest changes sessions and holdings. */
export class MarketDesk {
  readonly #parts: MarketDeskParts
  /** When borrowing was last paid for, by calendar. */
  readonly #borrowedUntil = new Map<string, EpochMs>()

  /** Dividends and splits that were paid and applied. */
  readonly #told = new Set<string>()

  constructor(parts: MarketDeskParts) {
    this.#parts = parts
  }

  take(event: MarketEvent): void {
    const { venue, engine, executor, sessions, nextSequence } = this.#parts
    switch (event.type) {
      case 'session':
        sessions.announce(event.calendar)
        if (event.phase === 'open') sessions.open(event.calendar, event.sessionDate, event.time, nextSequence)
        if (event.phase === 'close') this.#closeSession(event.calendar, event.time)
        break
      case 'quote': {
        const market = this.#marketOf(event.symbol)
        if (market !== undefined) engine.onQuote(event, market)
        break
      }
      case 'trade': {
        const market = this.#marketOf(event.symbol)
        if (market !== undefined) engine.onTrade(event, market)
        break
      }
      case 'open':
      case 'bar':
        this.#takePrice(event)
        break
      case 'dividend': {
        const listing = venue.settings.instruments.get(event.symbol)
        if (listing === undefined) break
        assertMarketEvent(event)
        const { symbol, sessionDate, dividendId, amountPerUnit, currency } = event
        if (this.#isNews(`dividend ${symbol} ${sessionDate} ${dividendId ?? `${amountPerUnit} ${currency}`}`))
          payDividend(venue, listing, event)
        break
      }
      case 'funding': {
        const { symbol, rate, price, time } = event
        const listing = venue.settings.instruments.get(symbol)
        const at = decimal(price, `funding price of ${symbol}`)
        if (listing !== undefined && at.gt(zero)) this.#parts.funding.pay(listing, time, fundingRate(rate, symbol), at)
        break
      }
      case 'split': {
        const listing = venue.settings.instruments.get(event.symbol)
        const market = this.#marketOf(event.symbol)
        if (listing !== undefined) assertMarketEvent(event)
        if (listing?.isContract !== false || market === undefined) break
        if (this.#isNews(`split ${event.symbol} ${event.sessionDate}`))
          applySplit(venue, executor, { listing, market, event })
        break
      }
    }
  }

  /** A feed may tell a dividend or a split twice. */
  #isNews(told: string): boolean {
    if (this.#told.has(told)) return false
    this.#told.add(told)
    return true
  }

  /** The market of a symbol that is traded here. */
  #marketOf(symbol: string): SymbolMarket | undefined {
    const { book, settings } = this.#parts.venue
    return book.knownMarket(symbol) ?? (settings.instruments.has(symbol) ? book.market(symbol) : undefined)
  }

  #takePrice(event: OpenEvent | BarEvent): void {
    const { venue, engine, sessions, nextSequence } = this.#parts
    const calendar = venue.settings.instruments.get(event.symbol)?.instrument.calendar
    if (calendar === undefined) return
    const openTime = event.type === 'open' ? event.time : event.start
    const session = sessions.open(calendar, event.sessionDate, openTime, nextSequence)
    const market = venue.book.market(event.symbol)
    if (event.type === 'open') engine.onOpen(event, market, session)
    else engine.onBar(event, market, session)
  }

  #closeSession(calendar: string, time: EpochMs): void {
    const { sessions, venue } = this.#parts
    const session = sessions.current(calendar)
    sessions.close(calendar)
    if (session !== undefined && venue.book.hasOpenOrders) this.#expireOrders(calendar, session, time)
    this.#chargeBorrowing(calendar, time)
  }

  /** `day` orders, and those that met no price they could take, end with the first session in which they could trade. */
  #expireOrders(calendar: string, session: OpenedSession, time: EpochMs): void {
    const { book } = this.#parts.venue
    for (const order of book.open()) {
      if (order.listing.instrument.calendar !== calendar || !isDue(order, session, time)) continue
      this.#parts.executor.end(order, 'expired', time)
    }
    for (const market of book.markets()) {
      market.sweep()
      if (market.calendar === calendar) market.isQuoted = false
    }
  }

  #chargeBorrowing(calendar: string, time: EpochMs): void {
    const { venue } = this.#parts
    const since = this.#borrowedUntil.get(calendar)
    this.#borrowedUntil.set(calendar, time)
    const days = since === undefined ? 1 : Math.max(1, Math.round((time - since) / dayMs))
    for (const listing of venue.settings.instruments.values())
      if (listing.instrument.calendar === calendar && listing.mayBeShort)
        chargeBorrowing(venue, listing, { days, time })
  }
}

function isDue(order: RestingOrder, session: OpenedSession, time: EpochMs): boolean {
  const { timeInForce } = order.request
  if (timeInForce === 'gtc' || timeInForce === 'gtd') return false
  if (timeInForce === 'at-close') return order.acceptedAt < time
  return couldTradeIn(order, session) || order.met
}
