import type { Random } from '@tradeswarm/core'
import type { BarEvent, SessionDate, TradingCalendar } from '@tradeswarm/trading'
import type { Venue, VenueAccess, VenueBar } from '../venues/venue.js'

export type VenueHistory = {
  readonly venue: Venue
  readonly access: VenueAccess
  readonly calendar: TradingCalendar
  readonly random: Random
}

/** Daily bars of sessions that have closed, in order of time; with a date, of that session alone, closed or not. */
export async function dailyBars(
  history: VenueHistory,
  symbols: readonly string[],
  from: number,
  to: number,
  only?: SessionDate,
): Promise<readonly BarEvent[]> {
  const { venue, access, calendar, random } = history
  const found: BarEvent[] = []
  for (const symbol of symbols) {
    for await (const rows of venue.bars(access, { symbol, timeframe: '1d', from, to, random })) {
      for (const row of rows) {
        const bar = barOf(row, calendar)
        const isWanted = only === undefined ? (bar?.time ?? to) < to : bar?.sessionDate === only
        if (bar !== undefined && isWanted) found.push(bar)
      }
    }
  }
  return found.sort((a, b) => a.time - b.time || (a.symbol < b.symbol ? -1 : 1))
}

/** Undefined for a day on which nobody trades. */
function barOf(
  { symbol, start, open, high, low, close, volume }: VenueBar,
  calendar: TradingCalendar,
): BarEvent | undefined {
  const sessionDate = new Date(start).toISOString().slice(0, 10)
  const session = calendar.session(sessionDate)
  if (session === undefined) return undefined
  const times = { start: session.open, time: session.close }
  return { type: 'bar', symbol, timeframe: '1d', sessionDate, ...times, open, high, low, close, volume }
}
