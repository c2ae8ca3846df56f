import type { Tape } from '@tradeswarm/backtest'
import type { Logger, Random } from '@tradeswarm/core'
import type {
  BarEvent,
  BrokerDefinition,
  MarketDataFeed,
  MarketEvent,
  SessionDate,
  TradingCalendar,
} from '@tradeswarm/trading'

/** The keys of an account by the names of their environment variables, and where to go if not straight to the venue. */
export type VenueAccess = {
  readonly keys: Readonly<Record<string, string>>
  /** Base URLs of trading and of market data. */
  readonly tradingUrl?: string
  readonly dataUrl?: string
  /** Whose prices, where a venue has others for paper trading; those by default. */
  readonly prices?: 'paper' | 'live'
  /** For a double, which allows more than the venue does. */
  readonly requestsPerMinute?: number
}

/** A bar of history; amounts are decimal texts, `start` its first instant. */
export type VenueBar = {
  readonly symbol: string
  readonly start: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
}

/** A stretch of history of one symbol, both ends included. */
export type VenueBarQuery = {
  readonly symbol: string
  readonly timeframe: string
  readonly from: number
  readonly to: number
  readonly random: Random
  /** All of them are over by our clock: one that the venue does not call so yet throws `BAR_NOT_OVER`, retryable. */
  readonly areOver?: boolean
  /** Prices of before a split as they would have been after it; as they were by default. */
  readonly splitAdjusted?: boolean
}

/** What a unit as it is today was paid, to whoever held it at the close before `exDate`. */
export type VenueDividend = { readonly exDate: string; readonly amount: string }

/** A venue's double, to be played to. */
export type VenueDouble = {
  readonly url: string
  readonly keys: Readonly<Record<string, string>>
  /** Says what the market does; resolves when orders have been matched with it. */
  emit(event: MarketEvent): Promise<void>
  /** Grows with whatever is asked of it. */
  requests(): number
  /** Whether somebody listens to its streams. */
  isHeard(): boolean
  close(): Promise<void>
}

/** What a double is started with. */
export type VenueDoubleOptions = {
  readonly symbols: readonly string[]
  readonly keys: Readonly<Record<string, string>>
  readonly cash: string
  readonly slippageBasisPoints: string
  readonly calendar: TradingCalendar
  readonly pastBars: readonly BarEvent[]
  /** The first session that its tape knows: there is nothing before it. */
  readonly firstSession: SessionDate
}

/** When sessions are, and how long before an open decisions fall due. */
export type VenueSessions = { readonly calendar: TradingCalendar; readonly preOpenLeadMs: number }

/** A live feed that can be closed. */
export type VenueFeed = MarketDataFeed & { close(): Promise<void> }

/** All that the command line knows of a venue. */
export type Venue = {
  readonly name: string
  readonly currency: string
  /** The environment variables that hold the keys. */
  readonly keyVariables: readonly string[]
  /** What sets the options of its adapter: variables, by the names of options. */
  readonly optionVariables: Readonly<Record<string, string>>
  /** Whether market data asks for them too. */
  readonly dataNeedsKeys: boolean
  /** Those that lead elsewhere, where they are set. */
  readonly tradingUrlVariable: string
  readonly dataUrlVariable: string
  /** Its own hosts are in it; any other is a proxy or a double. */
  readonly domain: string
  /** What trading without real money is called. */
  readonly paperMode: 'paper' | 'demo'
  /** What a symbol looks like, for whoever has written none. */
  readonly symbolExample: string
  isSymbol(text: string): boolean
  /** Timeframes of history. */
  readonly timeframes: readonly string[]
  /** What a tape is at this venue: its symbols as they are written there, its hours. */
  tapeThere(tape: Tape): Tape
  /** Whether somebody who takes these keys listens there. */
  answers(access: VenueAccess): Promise<boolean>
  startDouble(options: VenueDoubleOptions): Promise<VenueDouble>
  broker(
    access: VenueAccess,
    options: { readonly symbols: readonly string[]; readonly mode: 'paper' | 'live'; readonly allowLive: boolean },
  ): BrokerDefinition
  /** Whether its feed tells of the sessions of these symbols; where not, the command line does. */
  tellsSessions(symbols: readonly string[]): boolean
  /** The sessions of a stretch of time as the venue tells them; absent where its markets never close. */
  calendar?(
    access: VenueAccess,
    options: { readonly mode: 'paper' | 'live'; readonly from: number; readonly to: number; readonly random: Random },
  ): Promise<TradingCalendar>
  openFeed(
    access: VenueAccess,
    options: {
      readonly symbols: readonly string[]
      readonly sessions?: VenueSessions
      readonly random: Random
      readonly logger: Logger
    },
  ): Promise<VenueFeed>
  /** Dividends of a symbol with an ex-date from a date to another; absent where nothing pays any. */
  dividends?(
    access: VenueAccess,
    query: { readonly symbol: string; readonly from: string; readonly to: string; readonly random: Random },
  ): Promise<readonly VenueDividend[]>
  /** Whether its market is closed all through a stretch of time, both ends included, so that no bar begins in it; absent where markets never close. */
  isClosed?(query: {
    readonly symbol: string
    readonly timeframe: string
    readonly from: number
    readonly to: number
  }): boolean
  /** History in order of time, page by page, within the venue's rate; a page may be empty. */
  bars(access: VenueAccess, query: VenueBarQuery): AsyncIterable<readonly VenueBar[]>
}
