import { type EpochMs, SwarmError } from '@tradeswarm/core'
import type { Session, SessionDate, TradingCalendar } from './trading-calendar.js'
import { type CivilDay, lastWeekday, nthWeekday, usEquityEarlyCloses, usEquityHolidays } from './us-equity-holidays.js'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const openMs = 9.5 * hourMs
const closeMs = 16 * hourMs
const earlyCloseMs = 13 * hourMs
const firstYear = 1998
const lastYear = 2099
const sessionDatePattern = /^(\d{4})-\d{2}-\d{2}$/

type Year = {
  /** New York is 4 hours behind UTC between these instants, 5 before and after. */
  readonly daylightStart: EpochMs
  readonly daylightEnd: EpochMs
  readonly sessions: ReadonlyMap<CivilDay, Session>
  readonly byDate: ReadonlyMap<SessionDate, Session>
  readonly dates: ReadonlyMap<CivilDay, SessionDate>
}

/**
 * US equities, 09:30 to 16:00 in New York (13:00 on early closes), by rule from 1998 to 2099; unscheduled closures are those up to 2025.
 * Arithmetic only, so the same on every runtime. Throws `CALENDAR_OUT_OF_RANGE` outside these years and `INVALID_SESSION_DATE`.
 */
export function createUsEquityCalendar(): TradingCalendar {
  const years = new Map<number, Year>()
  const yearOf = (year: number): Year => {
    let known = years.get(year)
    if (known === undefined) {
      known = buildYear(year)
      years.set(year, known)
    }
    return known
  }
  const dayOf = (time: EpochMs): CivilDay => {
    const standard = time - 5 * hourMs
    const year = yearOf(new Date(standard).getUTCFullYear())
    const local = time >= year.daylightStart && time < year.daylightEnd ? standard + hourMs : standard
    return Math.floor(local / dayMs) * dayMs
  }
  const sessionOn = (day: CivilDay): Session | undefined => yearOf(new Date(day).getUTCFullYear()).sessions.get(day)

  return {
    name: 'us-equity',
    session(date) {
      const year = sessionDatePattern.exec(date)?.[1]
      if (year === undefined) {
        throw new SwarmError({
          code: 'INVALID_SESSION_DATE',
          message: `us-equity calendar: "${date}" is not a date of the form YYYY-MM-DD`,
        })
      }
      return yearOf(Number(year)).byDate.get(date)
    },
    dateOf(time) {
      const day = dayOf(time)
      return yearOf(new Date(day).getUTCFullYear()).dates.get(day) as SessionDate
    },
    openSession(time) {
      const session = sessionOn(dayOf(time))
      return session !== undefined && session.open <= time && time < session.close ? session : undefined
    },
    nextSession(time) {
      for (let day = dayOf(time); ; day += dayMs) {
        const session = sessionOn(day)
        if (session !== undefined && session.open > time) return session
      }
    },
    previousSession(time) {
      for (let day = dayOf(time); ; day -= dayMs) {
        const session = sessionOn(day)
        if (session !== undefined && session.close <= time) return session
      }
    },
  }
}

function buildYear(year: number): Year {
  if (!(year >= firstYear && year <= lastYear)) {
    throw new SwarmError({
      code: 'CALENDAR_OUT_OF_RANGE',
      message: `us-equity calendar: it knows the years ${firstYear} to ${lastYear}, not ${year}`,
    })
  }
  const { start, end } = daylightSaving(year)
  const holidays = usEquityHolidays(year)
  const earlyCloses = usEquityEarlyCloses(year)
  const sessions = new Map<CivilDay, Session>()
  const byDate = new Map<SessionDate, Session>()
  const dates = new Map<CivilDay, SessionDate>()
  for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += dayMs) {
    const date = new Date(day).toISOString().slice(0, 10)
    dates.set(day, date)
    const weekday = new Date(day).getUTCDay()
    if (weekday === 0 || weekday === 6 || holidays.has(day)) continue
    const offset = day >= start && day < end ? 4 * hourMs : 5 * hourMs
    const earlyClose = earlyCloses.has(day)
    const close = day + offset + (earlyClose ? earlyCloseMs : closeMs)
    const session = Object.freeze({ date, open: day + offset + openMs, close, earlyClose })
    sessions.set(day, session)
    byDate.set(date, session)
  }
  // The clocks change at 2:00 local time: 7:00 UTC in spring, 6:00 UTC in autumn.
  return { daylightStart: start + 7 * hourMs, daylightEnd: end + 6 * hourMs, sessions, byDate, dates }
}

/** The Sundays on which daylight saving time starts and ends: 15 U.S.C. 260a, changed from 2007 on by the Energy Policy Act of 2005. */
function daylightSaving(year: number): { readonly start: CivilDay; readonly end: CivilDay } {
  if (year >= 2007) return { start: nthWeekday(year, 3, 0, 2), end: nthWeekday(year, 11, 0, 1) }
  return { start: nthWeekday(year, 4, 0, 1), end: lastWeekday(year, 10, 0) }
}
