import { asPayload, badPayload, text } from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import { createUsEquityCalendar, type Session, type SessionDate, type TradingCalendar } from '@tradeswarm/trading'

/** A day on which equities trade, as Alpaca tells it: a date, and `HH:MM` in New York. */
export type VenueDay = { readonly date: SessionDate; readonly open: string; readonly close: string }

const minuteMs = 60_000
const dayMs = 1_440 * minuteMs
const usualClose = '16:00'

/** Reads one of `/v2/calendar`. Throws `BROKER_BAD_PAYLOAD`. */
export function parseDay(value: unknown): VenueDay {
  const what = 'a day of the calendar'
  const payload = asPayload(value, what)
  const day = {
    date: text(payload, 'date', what),
    open: text(payload, 'open', what),
    close: text(payload, 'close', what),
  }
  if (!/^\d{4}-\d\d-\d\d$/.test(day.date)) throw badPayload(what, 'date', 'a date')
  for (const field of ['open', 'close'] as const)
    if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(day[field])) throw badPayload(what, field, 'a time such as 09:30')
  return day
}

/** By rule: what the venue has not told of, and which day it is in New York. */
const rule = createUsEquityCalendar()

/**
 * The calendar of US equities with the sessions of whole years as the venue tells them: its early closes, and days on which it closes by
 * decision. Other years are those of `createUsEquityCalendar`, and so is what is thrown.
 */
export function createVenueCalendar(years: ReadonlyMap<number, readonly VenueDay[]>): TradingCalendar {
  // A year of which it tells nothing is one that it does not know yet.
  const told = new Map([...years].filter(([, days]) => days.length > 0).map(([year, days]) => [year, sessionsOf(days)]))
  const session = (date: SessionDate): Session | undefined => {
    const byRule = rule.session(date)
    const sessions = told.get(Number(date.slice(0, 4)))
    return sessions === undefined ? byRule : sessions.get(date)
  }
  const from = function* (time: EpochMs, step: number): Generator<Session> {
    for (let day = Date.parse(rule.dateOf(time)); ; day += step) {
      const found = session(new Date(day).toISOString().slice(0, 10))
      if (found !== undefined) yield found
    }
  }
  const first = (time: EpochMs, step: number, isWanted: (found: Session) => boolean): Session => {
    for (const found of from(time, step)) if (isWanted(found)) return found
    throw new Error('the days do not end')
  }
  return {
    name: 'us-equity',
    session,
    dateOf: (time) => rule.dateOf(time),
    openSession(time) {
      const found = session(rule.dateOf(time))
      return found !== undefined && found.open <= time && time < found.close ? found : undefined
    },
    nextSession: (time) => first(time, dayMs, ({ open }) => open > time),
    previousSession: (time) => first(time, -dayMs, ({ close }) => close <= time),
  }
}

function sessionsOf(days: readonly VenueDay[]): ReadonlyMap<SessionDate, Session> {
  return new Map(
    days.map(({ date, open, close }) => {
      const midnight = midnightOf(date)
      const earlyClose = close < usualClose
      const times = { open: midnight + minutesOf(open) * minuteMs, close: midnight + minutesOf(close) * minuteMs }
      return [date, Object.freeze({ date, ...times, earlyClose })]
    }),
  )
}

/** When a day begins in New York, four or five hours after it does in UTC. Clocks change on Sundays only, on which nobody trades. */
function midnightOf(date: SessionDate): EpochMs {
  const summer = Date.parse(date) + 240 * minuteMs
  return rule.dateOf(summer) === date ? summer : summer + 60 * minuteMs
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}
