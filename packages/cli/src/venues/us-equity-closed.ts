import { createUsEquityCalendar } from '@tradeswarm/trading'

const dayMs = 86_400_000
/** What the calendar knows, by its rules. */
const [knownFrom, knownUntil] = [Date.UTC(1998, 0, 2), Date.UTC(2099, 0, 1)]
const calendar = createUsEquityCalendar()

/**
 * Whether no session of US equities falls into a stretch of time, both ends included: of days none of its dates, of shorter bars none of its
 * hours, 09:30 to 16:00 in New York. A closure that no rule tells of counts as a session.
 */
export function isUsEquityMarketClosed(timeframe: string, from: number, to: number): boolean {
  if (from < knownFrom || to > knownUntil) return false
  const isDays = timeframe === '1d'
  // The session of a UTC date lies within it.
  for (let day = Math.floor(from / dayMs) * dayMs; day <= to; day += dayMs) {
    const session = calendar.session(new Date(day).toISOString().slice(0, 10))
    if (session !== undefined && (isDays || (session.open <= to && session.close > from))) return false
  }
  return true
}
