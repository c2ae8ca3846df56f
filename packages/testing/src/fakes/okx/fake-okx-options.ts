import type { Clock, Random, Timers } from '@tradeswarm/core'
import type { MarketDataFeed } from '@tradeswarm/trading'

/** Something that the fake venue lists. Amounts are decimal texts. */
export type FakeOkxInstrument = {
  /** As OKX writes it: `BTC-USDT`, `BTC-USDT-SWAP`. What ends in `-SWAP` is a linear perpetual, all else is spot. */
  readonly instId: string
  readonly tickSz: string
  /** Of spot in the base coin, of swaps in contracts. */
  readonly lotSz: string
  readonly minSz: string
  /** Of a swap: how much of the base coin one contract stands for. */
  readonly ctVal?: string
  readonly state?: 'live' | 'suspend' | 'preopen'
  /** The most that one limit order is of, and one market order: of spot in USDT, of swaps in contracts. */
  readonly maxLmtSz?: string
  readonly maxMktSz?: string
  /** What one limit order may be worth, in US dollars, for which the quote currency stands; 20000000 by default. */
  readonly maxLmtAmt?: string
  /** The most leverage that may be set; 100 by default, swaps only. */
  readonly lever?: string
  /**
   * Since when it is listed, in milliseconds since 1970 as text: whoever asks for its history begins there. 2021-01-29 by default, or its first
   * candle where that is earlier.
   */
  readonly listTime?: string
}

/** One historical candle as the API tells it: ts, open, high, low, close, vol, volCcy, volCcyQuote. */
export type FakeOkxCandle = readonly [string, string, string, string, string, string, string, string]

/** What a fake OKX is started with. */
export type FakeOkxOptions = {
  /** 0, the default, takes a free one. It listens on the loopback interface only. */
  readonly port?: number
  readonly keyId?: string
  readonly secret?: string
  readonly passphrase?: string
  /** Whose key it is: one for `demo` (the default) must be sent with `x-simulated-trading: 1`, one for `live` without. */
  readonly environment?: 'demo' | 'live'
  readonly instruments?: readonly FakeOkxInstrument[]
  /** What the account begins with, by currency; 100000 USDT by default. */
  readonly cash?: Readonly<Record<string, string>>
  /** 1 spot, 2 futures (the default), 3 multi-currency margin: it decides which `tdMode` orders take. */
  readonly accountLevel?: '1' | '2' | '3'
  /** The account may be set to `long_short_mode`, but the fake trades in `net_mode` only. */
  readonly positionMode?: 'net_mode' | 'long_short_mode'
  /** What fills cost, as a fraction of 0.0001 of the notional, of spot and swaps alike; where it is left out, 8 for makers and 10 for takers. */
  readonly feeBasisPoints?: string
  readonly makerBasisPoints?: string
  readonly takerBasisPoints?: string
  /** What a spot buy is charged in: `0`, the default, takes it out of what was bought, `1` in the quote currency. */
  readonly feeType?: '0' | '1'
  readonly slippageBasisPoints?: string
  /** The most that fills of one symbol per trade, as a fraction of it; unlimited by default. */
  readonly maximumVolumeFraction?: string
  /** How old a quote may be for an order that arrives to trade against it; a day by default, as a book stands until it changes. */
  readonly quoteFreshMs?: number
  /** How many times its margin a swap may stand for; 3 by default. `set-leverage` changes it for isolated positions; for cross ones what is told, not this. */
  readonly contractLeverage?: string
  /** Funding of swaps, at every whole interval (8 hours by default) and the last price. Also paid by `funding` events of the market. */
  readonly funding?: { readonly intervalMs?: number; readonly rates: Readonly<Record<string, string>> }
  /** The price band as a fraction around the last price, such as `0.05`; none by default. */
  readonly priceLimitFraction?: string
  /** Multiplies the documented limits of requests; 1 by default. */
  readonly rateMultiplier?: number
  /** New WebSocket connections a second; 3 by default, as documented. */
  readonly connectionsPerSecond?: number
  /** After how long without a word a socket is closed; 30000 by default, as documented. */
  readonly idleMs?: number
  /** How often balances and positions are told though nothing has changed, unless a subscription says otherwise; 5000 by default, 0 for never. */
  readonly regularPushMs?: number
  /** How long a cancel takes to come through after it was acknowledged; 0 by default. */
  readonly cancelDelayMs?: number
  /** Whether the stream tells of an order before its request is answered, after it, or now so, now so (the default). */
  readonly streamTiming?: 'before' | 'after' | 'mixed'
  /**
   * Whether the end of a spot market order comes with its last fill, apart from it in a message without a trade, or now so, now so (the
   * default): the documentation calls the second likely.
   */
  readonly marketEnds?: 'with-fill' | 'apart' | 'mixed'
  /** History by instrument and bar (`1m`, `1Dutc`), oldest first. */
  readonly candles?: Readonly<Record<string, Readonly<Record<string, readonly FakeOkxCandle[]>>>>
  /** A market to trade in besides `fake.market`. */
  readonly feed?: MarketDataFeed
  /** The venue's clock; the machine's by default. */
  readonly clock?: Clock
  readonly timers?: Timers
  readonly random?: Random
}

/** What {@link FakeOkxOptions} leaves out. */
export const fakeOkxDefaults = {
  port: 0,
  keyId: '0fake000-0000-0000-0000-00000000000a',
  secret: 'FAKE0SECRET0OF0NO0USE0ANYWHERE00',
  passphrase: 'fake-Passphrase1',
  environment: 'demo',
  cash: { USDT: '100000' },
  accountLevel: '2',
  positionMode: 'net_mode',
  makerBasisPoints: '8',
  takerBasisPoints: '10',
  feeType: '0',
  slippageBasisPoints: '0',
  quoteFreshMs: 86_400_000,
  contractLeverage: '3',
  rateMultiplier: 1,
  connectionsPerSecond: 3,
  idleMs: 30_000,
  regularPushMs: 5_000,
  cancelDelayMs: 0,
  streamTiming: 'mixed',
  marketEnds: 'mixed',
  instruments: [
    { instId: 'BTC-USDT', tickSz: '0.1', lotSz: '0.00000001', minSz: '0.00001' },
    { instId: 'ETH-USDT', tickSz: '0.01', lotSz: '0.000001', minSz: '0.0001' },
    { instId: 'SOL-USDT', tickSz: '0.01', lotSz: '0.000001', minSz: '0.001' },
    { instId: 'AVAX-USDT', tickSz: '0.001', lotSz: '0.000001', minSz: '0.01' },
    { instId: 'BTC-USDT-SWAP', tickSz: '0.1', lotSz: '0.01', minSz: '0.01', ctVal: '0.01' },
    { instId: 'ETH-USDT-SWAP', tickSz: '0.01', lotSz: '0.01', minSz: '0.01', ctVal: '0.1' },
  ],
} as const
