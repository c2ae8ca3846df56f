import { type VenuePatience, type VenueTransport, venuePatience } from '@tradeswarm/broker-kit'

/** What speaks with the network; the platform's own unless given. */
export type AlpacaTransport = VenueTransport

/** Base URLs without a slash at the end, for those who go another way than straight to Alpaca. */
export type AlpacaUrls = {
  /** Trading over HTTP. */
  readonly trading?: string
  /** Market data over HTTP. */
  readonly data?: string
  /** The stream of order updates: `wss://…`, path included. */
  readonly updates?: string
  /** The host of the market data streams: `wss://…`, without a path. */
  readonly dataStream?: string
}

/** The keys of an account, and how to reach Alpaca. Market data and trading take the same. */
export type AlpacaConnection = VenuePatience & {
  readonly keyId: string
  readonly secret: string
  readonly urls?: AlpacaUrls
  /** How many requests a minute the account may make; 200 by default, as documented for all but the Elite tier. */
  readonly requestsPerMinute?: number
  readonly transport?: AlpacaTransport
}

/** An Alpaca account. Fractions are fractions: 0.0025 is a quarter of a per cent. */
export type AlpacaBrokerOptions = AlpacaConnection & {
  /** The name of the account in the swarm; `alpaca` by default. */
  readonly account?: string
  /** `paper` by default. `live` is refused without `allowLive: true`. */
  readonly mode?: 'paper' | 'live'
  readonly allowLive?: boolean
  /** What is to be traded: `AAPL`, `BTC-USD`. All that is active when left out, which takes a large request at the start. */
  readonly symbols?: readonly string[]
  /** Orders fractions of shares. Off by default: such orders are day orders only, so that an exit ends with each session and has to be sent anew. */
  readonly fractionalShares?: boolean
  /**
   * What crypto costs, as fractions of what is traded, taken from what is received; Alpaca tells it at the end of the day only, until then
   * these are counted. The lowest tier by default: 0.0015 and 0.0025.
   */
  readonly cryptoFees?: { readonly maker: string; readonly taker: string }
  /**
   * Alpaca has no stop orders for crypto, only stop-limits. A stop is sent as one whose limit is this fraction of its level beyond it: "0.05" by
   * default. Where the price leaps further, it rests instead of filling.
   */
  readonly cryptoStopFraction?: string
  /** How long to wait before each look-up of an order of which nobody knows whether it arrived. */
  readonly outcomeWaitsMs?: readonly number[]
}

/** What {@link AlpacaBrokerOptions} leaves out. */
export const alpacaDefaults = {
  account: 'alpaca',
  mode: 'paper',
  requestsPerMinute: 200,
  ...venuePatience,
  fractionalShares: false,
  cryptoFees: { maker: '0.0015', taker: '0.0025' },
  cryptoStopFraction: '0.05',
  outcomeWaitsMs: [250, 500, 1_000, 2_000, 4_000],
} as const

/** Where Alpaca lives. */
export const alpacaUrls = {
  paper: { trading: 'https://paper-api.alpaca.markets', updates: 'wss://paper-api.alpaca.markets/stream' },
  live: { trading: 'https://api.alpaca.markets', updates: 'wss://api.alpaca.markets/stream' },
  data: 'https://data.alpaca.markets',
  dataStream: 'wss://stream.data.alpaca.markets',
} as const
