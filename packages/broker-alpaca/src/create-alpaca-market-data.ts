import {
  assertContext,
  assertSessions,
  assertVenueOptions,
  parseBookSymbols,
  parseSymbols,
  parseUrl,
  type SessionPlan,
  unfitVenueOption,
  usEquitySessions,
} from '@tradeswarm/broker-kit'
import type { Logger, Random } from '@tradeswarm/core'
import { type AlpacaConnection, alpacaUrls } from './alpaca-broker-options.js'
import { AlpacaFeed } from './alpaca-feed.js'
import { isPair, MarketDataClient } from './market-data-client.js'
import {
  type ConnectionSettings,
  otherNames,
  parseConnection,
  symbolForm,
  versionTail,
} from './parse-alpaca-options.js'
import { RestClient } from './rest-client.js'

/** Alpaca's market data. Paper and live keys both serve. */
export type AlpacaMarketDataOptions = AlpacaConnection & {
  /** What the live feed tells of: `AAPL`, `BTC-USD`. The free plan allows 30. */
  readonly symbols: readonly string[]
  /** Of which pairs among these order books are kept; none by default. */
  readonly bookSymbols?: readonly string[]
  /** Where prices of equities come from: `iex` (the default, free), `sip` (all exchanges), `delayed_sip`. */
  readonly stockFeed?: 'iex' | 'sip' | 'delayed_sip'
  /** Where prices of crypto come from: Alpaca (`us`, the default) or Kraken. */
  readonly cryptoLocation?: 'us' | 'us-1' | 'eu-1'
  /** When equities trade; the hours of US equities by default. For a double whose days go faster. */
  readonly sessions?: SessionPlan
}

/** The options of a feed, checked. */
export type FeedSettings = {
  readonly connection: ConnectionSettings
  readonly symbols: readonly string[]
  readonly bookSymbols: readonly string[]
  readonly stockStream: string
  readonly cryptoStream: string
  readonly sessions: SessionPlan
}

/** What a feed is opened with. */
export type AlpacaFeedContext = { readonly random: Random; readonly logger: Logger }

/** History by request, and a live feed to be opened. */
export type AlpacaMarketData = {
  /** History, page by page, within the rate of the plan. Throws `INVALID_OPTION`. */
  history(context: { readonly random: Random }): MarketDataClient
  /** Connects the live feed. Throws `BROKER_UNAUTHORIZED`, `FEED_REFUSED`, `BROKER_UNREACHABLE` or `INVALID_OPTION`. */
  open(context: AlpacaFeedContext): Promise<AlpacaFeed>
}

const place = 'createAlpacaMarketData'
const known = [
  'keyId',
  'secret',
  'urls',
  'requestsPerMinute',
  'requestTimeoutMs',
  'heartbeatMs',
  'transport',
  'symbols',
  'bookSymbols',
  'stockFeed',
  'cryptoLocation',
  'sessions',
] as const

/** Market data of equities and crypto. Inert until it is opened or asked. Throws `INVALID_OPTION`. */
export function createAlpacaMarketData(options: AlpacaMarketDataOptions): AlpacaMarketData {
  assertVenueOptions(place, options, known, otherNames)
  const { stockFeed = 'iex', cryptoLocation = 'us' } = options
  const symbols = parseSymbols(place, options.symbols, symbolForm)
  const ofPairs = 'use a list of pairs such as "BTC-USD" that are among symbols'
  const bookSymbols = parseBookSymbols(place, options.bookSymbols ?? [], symbols.filter(isPair), ofPairs)
  if (!['iex', 'sip', 'delayed_sip'].includes(stockFeed))
    throw unfitVenueOption(place, 'stockFeed', stockFeed, 'use "iex", "sip" or "delayed_sip"')
  if (!['us', 'us-1', 'eu-1'].includes(cryptoLocation))
    throw unfitVenueOption(place, 'cryptoLocation', cryptoLocation, 'use "us", "us-1" or "eu-1"')
  assertSessions(place, options.sessions)
  const connection = parseConnection(place, options, 'data')
  const base = parseUrl(place, 'urls.data', options.urls?.data ?? alpacaUrls.data, 'http', versionTail)
  const streams = parseUrl(place, 'urls.dataStream', options.urls?.dataStream ?? streamsOf(options, base), 'ws')
  const settings: FeedSettings = {
    connection,
    symbols,
    bookSymbols,
    stockStream: `${streams}/v2/${stockFeed}`,
    cryptoStream: `${streams}/v1beta3/crypto/${cryptoLocation}`,
    sessions: options.sessions ?? usEquitySessions,
  }
  const clientOf = (random: Random): MarketDataClient =>
    new MarketDataClient(new RestClient(base, connection, random), stockFeed, cryptoLocation)
  return {
    history(context) {
      assertContext(`${place}: history`, context, ['random'])
      return clientOf(context.random)
    },
    async open(context) {
      assertContext(`${place}: open`, context, ['random', 'logger'])
      const { random, logger } = context
      return new AlpacaFeed(settings, clientOf(random), random, logger).open()
    },
  }
}

/** Whoever gives a base URL of market data has the streams there too, unless they say otherwise. */
function streamsOf({ urls }: AlpacaMarketDataOptions, base: string): string {
  return urls?.data === undefined ? alpacaUrls.dataStream : base.replace(/^http/, 'ws')
}
