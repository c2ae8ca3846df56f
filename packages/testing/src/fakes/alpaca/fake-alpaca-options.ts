import type { Clock, Random, Timers } from '@tradeswarm/core'
import type { MarketDataFeed, TradingCalendar } from '@tradeswarm/trading'

/** Something that the fake venue lists. Amounts are decimal texts. */
export type FakeAlpacaAsset = {
  /** As Alpaca writes it: `AAPL`, `BTC/USD`. */
  readonly symbol: string
  /** `crypto` for symbols with a slash, else `us_equity`. */
  readonly class?: 'us_equity' | 'crypto'
  readonly name?: string
  /** Whether fractions of a share may be ordered; on by default. */
  readonly fractionable?: boolean
  readonly tradable?: boolean
  /** Whether its shares are lent, to an account that may sell short; on by default, never of crypto. */
  readonly shortable?: boolean
  /** The least that an order may be worth: 1 for fractionable equities, 10 for buys of crypto, 0 for others. */
  readonly minimumNotional?: string
  /** Steps of price: a cent for equities unless said otherwise, such as `0.0001` for one below a dollar. */
  readonly priceIncrement?: string
  /** Of crypto: steps of quantity. */
  readonly tradeIncrement?: string
  readonly minimumOrderSize?: string
}

/** One historical bar, as market data sends it. */
export type FakeAlpacaBar = {
  /** When it began, RFC 3339. */
  readonly t: string
  readonly o: number
  readonly h: number
  readonly l: number
  readonly c: number
  readonly v: number
  readonly n: number
  readonly vw: number
}

/** What companies did, as market data sends it; `process_date` is what is asked by. */
export type FakeCorporateActions = {
  readonly cash_dividends?: readonly (FakeCorporateAction & { readonly rate: number })[]
  readonly forward_splits?: readonly (FakeCorporateAction & { readonly new_rate: number; readonly old_rate: number })[]
  readonly reverse_splits?: readonly (FakeCorporateAction & { readonly new_rate: number; readonly old_rate: number })[]
}

type FakeCorporateAction = Readonly<Record<string, unknown>> & {
  readonly symbol: string
  readonly ex_date: string
  readonly process_date: string
}

/** What a fake Alpaca is started with. */
export type FakeAlpacaOptions = {
  /** 0, the default, takes a free one. It listens on the loopback interface only. */
  readonly port?: number
  readonly keyId?: string
  readonly secret?: string
  readonly assets?: readonly FakeAlpacaAsset[]
  /** What the account begins with, in US dollars; 100000 by default. It is a cash account: a multiplier of 1. */
  readonly cash?: string
  /** Whether the account may sell shares short; off by default. It keeps what it has sold aside, and as much again. */
  readonly shorting?: boolean
  /** What fills of shares cost, in units of 0.0001 of the notional; 0 by default, charged in dollars. */
  readonly feeBasisPoints?: string
  /**
   * What fills of crypto cost, as fractions, taken from what is received: units of a buy, dollars of a sale. 0.0015 and 0.0025 by default, the
   * lowest tier. The activities of it (`CFEE`, in dollars `FEE`) are posted when the day is over.
   */
  readonly cryptoFees?: { readonly maker: string; readonly taker: string }
  /** Whether regulators charge shares, as they do live: posted as `FEE` when the day is over. Off by default, as on paper. */
  readonly regulatoryFees?: boolean
  readonly slippageBasisPoints?: string
  /** The most that fills of one symbol per session, as a fraction of the bar before; unlimited by default. */
  readonly maximumVolumeFraction?: string
  /** How old a quote may be for an order that arrives to trade against it; a day by default, as a quote stands until the next. */
  readonly quoteFreshMs?: number
  /** Per minute and account; 200 by default, as documented for both hosts; of data 10,000 on the plan that is paid for. */
  readonly requestsPerMinute?: number
  readonly dataRequestsPerMinute?: number
  /**
   * What market data are paid for. `basic`, the default, is free: live prices of shares from one exchange (`iex`) and delayed, of all exchanges
   * what is a quarter of an hour old. `algo-trader-plus` has all of them.
   */
  readonly plan?: 'basic' | 'algo-trader-plus'
  /** Whether the stream tells of an order before its request is answered, after it, or now so, now so (the default). */
  readonly streamTiming?: 'before' | 'after' | 'mixed'
  /**
   * How long a cancel takes from its answer to its effect: the order is `pending_cancel` until then, and may fill. 5 by default; at 0 it is
   * cancelled before it is answered.
   */
  readonly cancelDelayMs?: number
  /**
   * The same of an amendment: the order is `pending_replace` and the new one `pending_new` until then. Where the old one fills before, the new one
   * is rejected. 5 by default.
   */
  readonly replaceDelayMs?: number
  /** How many symbols one market data connection may subscribe to; 30 by default, any number on the plan that is paid for. */
  readonly symbolLimit?: number
  /** History by symbol and timeframe (`1Min`, `1Day`). */
  readonly bars?: Readonly<Record<string, Readonly<Record<string, readonly FakeAlpacaBar[]>>>>
  /** Dividends and splits of the past; none by default. */
  readonly corporateActions?: FakeCorporateActions
  /** Whether equities trade at all hours; by default where neither a clock, a feed nor a calendar is given. Else by the exchange's calendar. */
  readonly alwaysOpen?: boolean
  /** When equities trade, in place of the exchange's own hours: for a market whose days go faster. `/v2/calendar` does not tell of it. */
  readonly calendar?: TradingCalendar
  /** A market to trade in besides `fake.market`. */
  readonly feed?: MarketDataFeed
  /** The venue's clock; the machine's by default. */
  readonly clock?: Clock
  readonly timers?: Timers
  readonly random?: Random
}

/** What {@link FakeAlpacaOptions} leaves out. */
export const fakeAlpacaDefaults = {
  port: 0,
  keyId: 'PKFAKE000000000000',
  secret: 'fake-secret-of-no-use-anywhere',
  cash: '100000',
  shorting: false,
  feeBasisPoints: '0',
  cryptoFees: { maker: '0.0015', taker: '0.0025' },
  regulatoryFees: false,
  slippageBasisPoints: '0',
  quoteFreshMs: 86_400_000,
  requestsPerMinute: 200,
  plan: 'basic',
  streamTiming: 'mixed',
  cancelDelayMs: 5,
  replaceDelayMs: 5,
  assets: [
    { symbol: 'AAPL', name: 'Apple Inc. Common Stock' },
    { symbol: 'MSFT', name: 'Microsoft Corporation Common Stock' },
    { symbol: 'BTC/USD', name: 'Bitcoin / US Dollar' },
    { symbol: 'AVAX/USD', name: 'Avalanche / US Dollar' },
  ],
} as const

/** What the plans leave out otherwise. */
export const fakeAlpacaPlans = {
  basic: { dataRequestsPerMinute: 200, symbolLimit: 30 },
  'algo-trader-plus': { dataRequestsPerMinute: 10_000, symbolLimit: Number.MAX_SAFE_INTEGER },
} as const
