import { assertContext, assertModeName, assertVenueOptions, parseUrl } from '@tradeswarm/broker-kit'
import type { Random } from '@tradeswarm/core'
import type { TradingCalendar } from '@tradeswarm/trading'
import { type AlpacaConnection, alpacaUrls } from './alpaca-broker-options.js'
import { CalendarBook, type CalendarRange } from './calendar-book.js'
import { connectionOptions, modeWords, otherNames, parseConnection, versionTail } from './parse-alpaca-options.js'
import { RestClient } from './rest-client.js'
import { TradingClient } from './trading-client.js'

/** Keys, the years that are wanted, and whose keys they are. */
export type AlpacaCalendarOptions = AlpacaConnection &
  CalendarRange & {
    /** `paper` by default. */
    readonly mode?: 'paper' | 'live'
  }

const place = 'loadAlpacaCalendar'

/**
 * The sessions of US equities as Alpaca tells them, early closes and unscheduled closures included: for the `sessions` of a feed and the
 * `calendars` of a swarm, before either is opened. Years outside the range are those of the built-in calendar. Throws `INVALID_OPTION`, and what
 * a request throws.
 */
export async function loadAlpacaCalendar(
  options: AlpacaCalendarOptions,
  context: { readonly random: Random },
): Promise<TradingCalendar> {
  assertVenueOptions(place, options, [...connectionOptions, 'mode', 'from', 'to'], otherNames)
  assertContext(place, context, ['random'])
  assertModeName(place, options.mode ?? 'paper', modeWords)
  const connection = parseConnection(place, options, 'trading')
  const host = options.urls?.trading ?? alpacaUrls[options.mode ?? 'paper'].trading
  const client = new TradingClient(
    new RestClient(parseUrl(place, 'urls.trading', host, 'http', versionTail), connection, context.random),
  )
  return new CalendarBook((start, end) => client.calendar(start, end), connection.clock).calendar(options)
}
