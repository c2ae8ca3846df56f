import type { Clock, EpochMs } from '@tradeswarm/core'
import { SwarmError } from '@tradeswarm/core'
import type { SessionDate, TradingCalendar } from '@tradeswarm/trading'
import { createVenueCalendar, type VenueDay } from './venue-calendar.js'

/** A stretch of time whose years are asked for; both ends are included. */
export type CalendarRange = { readonly from: EpochMs; readonly to: EpochMs }

/** The years that both Alpaca and the rule know. */
const [firstYear, lastYear] = [1998, 2029]
/** A year that is not over may still change: closures are announced days ahead. */
const freshMs = 86_400_000

type Year = { readonly days: Promise<readonly VenueDay[]>; readonly askedAt: EpochMs }

/** What the venue has told of its years, each asked for once; one that is not over again after a day. */
export class CalendarBook {
  readonly #ask: (start: SessionDate, end: SessionDate) => Promise<readonly VenueDay[]>
  readonly #clock: Clock
  readonly #years = new Map<number, Year>()

  constructor(ask: (start: SessionDate, end: SessionDate) => Promise<readonly VenueDay[]>, clock: Clock) {
    this.#ask = ask
    this.#clock = clock
  }

  /** A calendar that holds the venue's own sessions of every year of the stretch. Throws `INVALID_OPTION`, and what a request throws. */
  async calendar({ from, to }: CalendarRange): Promise<TradingCalendar> {
    const [first, last] = [yearOf(from), yearOf(to)]
    if (!(first <= last && from <= to))
      throw new SwarmError({
        code: 'INVALID_OPTION',
        message: 'calendar: from and to: use two instants in epoch milliseconds, from no later than to',
        context: { from, to },
      })
    const years: [number, readonly VenueDay[]][] = []
    for (let year = Math.max(first, firstYear); year <= Math.min(last, lastYear); year += 1)
      years.push([year, await this.#daysOf(year)])
    return createVenueCalendar(new Map(years))
  }

  #daysOf(year: number): Promise<readonly VenueDay[]> {
    const now = this.#clock.now()
    const known = this.#years.get(year)
    if (known !== undefined && (year < yearOf(known.askedAt) || now - known.askedAt < freshMs)) return known.days
    const days = this.#ask(`${year}-01-01`, `${year}-12-31`)
    this.#years.set(year, { days, askedAt: now })
    // What failed is asked for again.
    days.catch(() => this.#years.delete(year))
    return days
  }
}

/** New York is behind UTC: at a turn of years a year too many may be asked for, never one too few. */
function yearOf(time: EpochMs): number {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? Number.NaN : date.getUTCFullYear()
}
