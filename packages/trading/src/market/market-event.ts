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

/** Cash paid at its ex-date on each unit held at the close before. It comes before that day's `open`. */
export type DividendEvent = {
  readonly type: 'dividend'
  readonly symbol: string
  readonly sessionDate: SessionDate
  readonly time: EpochMs
  readonly amountPerUnit: string
  readonly currency: string
}

/** Whatever the market says, in order of time. At one instant: dividends, session open, opens; then bars, session close. */
export type MarketEvent = SessionEvent | OpenEvent | BarEvent | DividendEvent

/** Hears market events one after the other. */
export type MarketListener = (event: MarketEvent) => void | Promise<void>

/** A source of market events. Each listener is awaited, in the order of subscription, before the next event comes. */
export type MarketDataFeed = {
  readonly name: string
  subscribe(listener: MarketListener): () => void
}
