import { type VenuePatience, type VenueTransport, venuePatience } from '@tradeswarm/broker-kit'

/** What speaks with the network; the platform's own unless given. */
export type OkxTransport = VenueTransport

/** Where accounts are kept: OKX has a site of its own for Europe and for the United States, and a key belongs to one. */
export type OkxSite = 'global' | 'eea' | 'us'

/** Base URLs without a slash at the end, for those who go another way than straight to OKX. */
export type OkxUrls = {
  /** Everything over HTTP: `https://…`, without a path. */
  readonly rest?: string
  /** The streams: `wss://…/ws/v5`, without `public`, `private` or `business`. */
  readonly stream?: string
}

/** How OKX is reached. Market data and trading take the same. */
export type OkxRoute = VenuePatience & {
  /** `global` by default. */
  readonly site?: OkxSite
  /** `demo` by default: demo trading has prices and accounts of its own. */
  readonly mode?: 'demo' | 'live'
  readonly urls?: OkxUrls
  /**
   * What the documented limits of requests are multiplied with, 0.05 to 1,000; 1 by default. Less where other programs use the account or the
   * address as well, more where OKX grants more.
   */
  readonly rateMultiplier?: number
  readonly transport?: OkxTransport
}

/** An OKX account. Fractions are fractions: 0.0025 is a quarter of a per cent. */
export type OkxBrokerOptions = OkxRoute & {
  readonly key: string
  readonly secret: string
  readonly passphrase: string
  /** The name of the account in the swarm; `okx` by default. */
  readonly account?: string
  /** `live` is refused without it. */
  readonly allowLive?: boolean
  /** What is to be traded: `BTC-USDT`, `BTC-USDT-SWAP`. All spot pairs and linear swaps that are live when left out. */
  readonly symbols?: readonly string[]
  /** The currency of the books; `USDT` by default. */
  readonly currency?: string
  /**
   * What the margin of a swap is taken from: all of the account (`cross`, the default) or what is set aside for it (`isolated`). An account that
   * holds one of `symbols` in the other mode alone is not opened (`BROKER_ACCOUNT_MODE`). The leverage is that which is set at OKX.
   */
  readonly marginMode?: 'cross' | 'isolated'
  /** OKX drops a placement that reaches it later than this after it was sent, 1,000 to 60,000; 5,000 by default. Not so stops: it knows no bound for those. */
  readonly requestLifetimeMs?: number
  /** How long to wait before each look-up of an order of which nobody knows whether it arrived. The last comes after its lifetime. */
  readonly outcomeWaitsMs?: readonly number[]
}

/** What {@link OkxBrokerOptions} leaves out. */
export const okxDefaults = {
  account: 'okx',
  mode: 'demo',
  site: 'global',
  currency: 'USDT',
  marginMode: 'cross',
  rateMultiplier: 1,
  requestLifetimeMs: 5_000,
  ...venuePatience,
  outcomeWaitsMs: [250, 500, 1_000, 2_000, 4_000],
} as const

/** Where OKX lives. Demo trading has the HTTP host of its site, and streams of its own. */
export const okxUrls = {
  global: {
    rest: 'https://www.okx.com',
    live: 'wss://ws.okx.com:8443/ws/v5',
    demo: 'wss://wspap.okx.com:8443/ws/v5',
  },
  eea: {
    rest: 'https://eea.okx.com',
    live: 'wss://wseea.okx.com:8443/ws/v5',
    demo: 'wss://wseeapap.okx.com:8443/ws/v5',
  },
  us: {
    rest: 'https://us.okx.com',
    live: 'wss://wsus.okx.com:8443/ws/v5',
    demo: 'wss://wsuspap.okx.com:8443/ws/v5',
  },
} as const
