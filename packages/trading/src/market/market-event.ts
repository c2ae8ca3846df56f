import type { EpochMs } from '@tradeswarm/core'
import type { SessionDate } from '../instruments/trading-calendar.js'

/** The market nears its open (decisions made while closed are due), opens, or has closed. */
export type SessionEvent = {
  readonly type: 'session'
  readonly phase: 'pre-open' | 'open' | 'close'
  readonly calendar: string
  readonly sessionDate: SessionDate
  readonly time: EpochMs
}

/** The first price of a session. Prices are decimal texts, as the source gave them. */
export type OpenEvent = {
  readonly type: 'open'
  readonly symbol: string
  readonly sessionDate: SessionDate
  readonly time: EpochMs
  readonly price: string
}

/** A finished bar, visible from `time` (its close) on. Its first price was at `start`. */
export type BarEvent = {
  readonly type: 'bar'
  readonly symbol: string
  readonly timeframe: '1d'
  readonly sessionDate: SessionDate
  readonly start: EpochMs
  readonly time: EpochMs
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
}

/**
 * Cash paid at its ex-date on each unit held at the close before. It comes before that day's `open`. Of two of one symbol and date that
 * pay the same, each names its `dividendId`; without one they are taken for the same told twice.
 */
export type DividendEvent = {
  readonly type: 'dividend'
  readonly symbol: string
  readonly sessionDate: SessionDate
  readonly time: EpochMs
  readonly amountPerUnit: string
  readonly currency: string
  /** What its source knows it by, if anything. */
  readonly dividendId?: string
}

/** `denominator` units of the close before are `numerator` units from now on, 4 and 1 in a four-for-one split. It comes before that day's `open`. */
export type StockSplitEvent = {
  readonly type: 'split'
  readonly symbol: string
  readonly sessionDate: SessionDate
  readonly time: EpochMs
  /** Whole numbers above 0. */
  readonly numerator: number
  readonly denominator: number
}

/**
 * Funding of a perpetual falls due at that instant: whoever is long pays `rate` times what is held at `price` to whoever is short, and the
 * other way round where the rate is below 0. Decimal texts.
 */
export type FundingEvent = {
  readonly type: 'funding'
  readonly symbol: string
  readonly time: EpochMs
  readonly rate: string
  readonly price: string
}

/** The best prices that the market offers from `time` on, until the next quote, and how many units at each; decimal texts. */
export type QuoteEvent = {
  readonly type: 'quote'
  readonly symbol: string
  readonly time: EpochMs
  readonly bid: string
  readonly ask: string
  readonly bidSize?: string
  readonly askSize?: string
}

/** Somebody traded; decimal texts. */
export type TradeEvent = {
  readonly type: 'trade'
  readonly symbol: string
  readonly time: EpochMs
  readonly price: string
  readonly quantity: string
}

/**
 * Whatever the market says, in order of time. At one instant: splits, dividends, funding, session open, opens; then quotes, trades, bars,
 * session close.
 */
export type MarketEvent =
  | SessionEvent
  | OpenEvent
  | BarEvent
  | DividendEvent
  | StockSplitEvent
  | FundingEvent
  | QuoteEvent
  | TradeEvent

/** Hears market events one after the other. */
export type MarketListener = (event: MarketEvent) => void | Promise<void>

/** A source of market events. Each listener is awaited, in the order of subscription, before the next event comes. */
export type MarketDataFeed = {
  readonly name: string
  subscribe(listener: MarketListener): () => void
}
