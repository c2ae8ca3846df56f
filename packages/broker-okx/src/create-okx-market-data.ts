import {
  assertContext,
  assertSessions,
  invalidVenueOption,
  parseBookSymbols,
  parseSymbols,
  type SessionPlan,
} from '@tradeswarm/broker-kit'
import { assertKnownOptions, type Logger, type Random } from '@tradeswarm/core'
import { MarketDataClient } from './market-data-client.js'
import type { OkxRoute } from './okx-broker-options.js'
import { OkxFeed } from './okx-feed.js'
import { type ConnectionSettings, parseRoute, routeOptions, symbolForm } from './parse-okx-options.js'
import { RestClient } from './rest-client.js'

/** OKX's market data: everybody's, so without a key. */
export type OkxMarketDataOptions = OkxRoute & {
  /** What the live feed tells of: `BTC-USDT`, `BTC-USDT-SWAP`. At most 100. */
  readonly symbols: readonly string[]
  /** Of which of these whole order books are kept; none by default. */
  readonly bookSymbols?: readonly string[]
  /** When days are, in place of those by UTC: for a market whose days go faster. */
  readonly sessions?: SessionPlan
}

/** The options of a feed, checked. */
export type FeedSettings = {
  readonly connection: ConnectionSettings
  readonly symbols: readonly string[]
  readonly bookSymbols: readonly string[]
  readonly sessions: SessionPlan | undefined
}

/** What a feed is opened with. */
export type OkxFeedContext = { readonly random: Random; readonly logger: Logger }

/** History by request, and a live feed to be opened. */
export type OkxMarketData = {
  /** History, page by page, within the documented rates. Throws `INVALID_OPTION`. */
  history(context: { readonly random: Random }): MarketDataClient
  /** Connects the live feed. Throws `FEED_REFUSED`, `BROKER_UNREACHABLE` or `INVALID_OPTION`. */
  open(context: OkxFeedContext): Promise<OkxFeed>
}

const place = 'createOkxMarketData'
const mostSymbols = 100

/** Market data of spot and swaps. Inert until it is opened or asked. Throws `INVALID_OPTION`. */
export function createOkxMarketData(options: OkxMarketDataOptions): OkxMarketData {
  for (const name of ['key', 'secret', 'passphrase'])
    if (name in (Object(options) as object))
      throw invalidVenueOption(place, name, 'prices are everybody’s: leave key, secret and passphrase out')
  assertKnownOptions(place, options, [...routeOptions, 'symbols', 'bookSymbols', 'sessions'])
  const symbols = parseSymbols(place, options.symbols, symbolForm)
  if (symbols.length > mostSymbols)
    throw invalidVenueOption(
      place,
      'symbols',
      `${symbols.length} are more than ${mostSymbols}: open another feed for some`,
    )
  const bookSymbols = parseBookSymbols(
    place,
    options.bookSymbols ?? [],
    symbols,
    'use a list of symbols that are among symbols',
  )
  assertSessions(place, options.sessions)
  const connection = parseRoute(place, options)
  const settings: FeedSettings = { connection, symbols, bookSymbols, sessions: options.sessions }
  const clientOf = (random: Random): MarketDataClient =>
    new MarketDataClient(new RestClient(connection, random, connection.clock))
  return {
    history(context) {
      assertContext(`${place}: history`, context, ['random'])
      return clientOf(context.random)
    },
    async open(context) {
      assertContext(`${place}: open`, context, ['random', 'logger'])
      const { random, logger } = context
      return new OkxFeed(settings, clientOf(random), random, logger).open()
    },
  }
}
