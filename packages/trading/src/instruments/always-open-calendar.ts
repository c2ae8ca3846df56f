import { type EpochMs, SwarmError } from '@tradeswarm/core'
import type { Session, TradingCalendar } from './trading-calendar.js'

const dayMs = 86_400_000
const sessionDatePattern = /^\d{4}-\d{2}-\d{2}$/

/** A market that never closes, as for crypto: each UTC day is a session, from midnight to midnight. Throws `INVALID_SESSION_DATE`. */
export function createAlwaysOpenCalendar(): TradingCalendar {
  return {
    name: 'always-open',
    session(date) {
      if (!sessionDatePattern.test(date)) {
        throw new SwarmError({
          code: 'INVALID_SESSION_DATE',
          message: `always-open calendar: "${date}" is not a date of the form YYYY-MM-DD`,
        })
      }
      const open = Date.parse(date)
      if (Number.isNaN(open)) return undefined
      const session = sessionFrom(open)
      return session.date === date ? session : undefined
    },
    dateOf: (time) => dateText(time),
    openSession: (time) => sessionFrom(midnight(time)),
    nextSession: (time) => sessionFrom(midnight(time) + dayMs),
    previousSession: (time) => sessionFrom(midnight(time) - dayMs),
  }
}

function midnight(time: EpochMs): EpochMs {
  return Math.floor(time / dayMs) * dayMs
}

function dateText(time: EpochMs): string {
  return new Date(time).toISOString().slice(0, 10)
}

function sessionFrom(open: EpochMs): Session {
  return { date: dateText(open), open, close: open + dayMs, earlyClose: false }
}
