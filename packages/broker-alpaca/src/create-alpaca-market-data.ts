import { assertSymbols, invalidVenueOption, parseUrl, type SessionPlan, usEquitySessions } from '@tradeswarm/broker-kit'
import { assertKnownOptions, type Logger, type Random, type SwarmError } from '@tradeswarm/core'
import { type AlpacaConnection, alpacaUrls } from './alpaca-broker-options.js'
import { AlpacaFeed } from './alpaca-feed.js'
import { isPair, MarketDataClient } from './market-data-client.js'
import { type ConnectionSettings, isSymbol, parseConnection } from './parse-alpaca-options.js'
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
  /** History, page by page, within the rate of the plan. */
  history(context: { readonly random: Random }): MarketDataClient
  /** Connects the live feed. Throws `BROKER_UNAUTHORIZED`, `FEED_REFUSED` or `BROKER_UNREACHABLE`. */
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
  assertKnownOptions(place, options, known)
  const { symbols, bookSymbols = [], stockFeed = 'iex', cryptoLocation = 'us' } = options
  assertSymbols(place, symbols, isSymbol, '"AAPL" and "BTC-USD"')
  const pairs = symbols.filter(isPair)
  if (!(Array.isArray(bookSymbols) && bookSymbols.every((one: string) => pairs.includes(one))))
    throw invalidOption('bookSymbols', 'use a list of pairs such as "BTC-USD" that are among symbols')
  if (!['iex', 'sip', 'delayed_sip'].includes(stockFeed))
    throw invalidOption('stockFeed', 'use "iex", "sip" or "delayed_sip"')
  if (!['us', 'us-1', 'eu-1'].includes(cryptoLocation))
    throw invalidOption('cryptoLocation', 'use "us", "us-1" or "eu-1"')
  const connection = parseConnection(place, options)
  const base = parseUrl(place, 'urls.data', options.urls?.data ?? alpacaUrls.data, 'http')
  const streams = parseUrl(place, 'urls.dataStream', options.urls?.dataStream ?? streamsOf(options), 'ws')
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
    history: ({ random }) => clientOf(random),
    open: ({ random, logger }) => new AlpacaFeed(settings, clientOf(random), random, logger).open(),
  }
}

/** Whoever gives a base URL of market data has the streams there too, unless they say otherwise. */
function streamsOf({ urls }: AlpacaMarketDataOptions): string {
  return urls?.data === undefined ? alpacaUrls.dataStream : urls.data.replace(/^http/, 'ws')
}

function invalidOption(option: string, remedy: string): SwarmError {
  return invalidVenueOption(place, option, remedy)
}
