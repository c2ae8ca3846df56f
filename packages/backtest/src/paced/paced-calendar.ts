import type { EpochMs } from '@tradeswarm/core'
import type { CalendarName, Session, SessionDate, TradingCalendar } from '@tradeswarm/trading'

/** Where in the time of one session its hours lie, as fractions of it: what comes before the open is its night. */
export const pacedHours = { preOpen: 0.15, open: 0.5, close: 0.95 } as const

/** After the last of its dates a paced calendar has one more session, so far away that nobody will see it. */
const neverMs = 10 * 365 * 86_400_000
/** Sessions before the first that is played have ended so long before it begins. */
const pastMs = 60_000

export type PacedCalendarOptions = {
  readonly name: CalendarName
  /** All dates that it knows, ascending. */
  readonly dates: readonly SessionDate[]
  /** The date whose night begins at `beginsAt`; those before it have ended a minute before. */
  readonly first: SessionDate
  readonly beginsAt: EpochMs
  readonly sessionMs: number
}

/**
 * The sessions of some dates, each of which takes `sessionMs` of the machine's time, one after the other: every process that is told the same
 * numbers knows the same hours.
 */
export function createPacedCalendar({
  name,
  dates,
  first,
  beginsAt,
  sessionMs,
}: PacedCalendarOptions): TradingCalendar {
  const offset = Math.max(0, dates.indexOf(first))
  const places = new Map(dates.map((date, index) => [date, index]))
  const startOf = (index: number): EpochMs => beginsAt + (index - offset) * sessionMs - (index < offset ? pastMs : 0)
  const within = (index: number): number => Math.min(Math.max(index, 0), dates.length - 1)
  /** The session of an instant; of one in the minute before the beginning, the last that has ended. */
  const indexAt = (time: EpochMs): number =>
    time >= beginsAt
      ? Math.floor((time - beginsAt) / sessionMs) + offset
      : Math.min(offset - 1, Math.floor((time + pastMs - beginsAt) / sessionMs) + offset)
  const sessionAt = (index: number): Session => {
    const start = startOf(index)
    const date = dates[index] ?? '9999-12-31'
    const late = index < dates.length ? 0 : neverMs
    return {
      date,
      open: Math.round(start + late + pacedHours.open * sessionMs),
      close: Math.round(start + late + pacedHours.close * sessionMs),
      earlyClose: false,
    }
  }
  return {
    name,
    session(date) {
      const index = places.get(date)
      return index === undefined ? undefined : sessionAt(index)
    },
    dateOf: (time) => dates[within(indexAt(time))] ?? first,
    openSession(time) {
      const index = indexAt(time)
      if (index < 0 || index >= dates.length) return undefined
      const session = sessionAt(index)
      return session.open <= time && time < session.close ? session : undefined
    },
    nextSession(time) {
      const index = Math.max(0, indexAt(time))
      if (index >= dates.length) return sessionAt(dates.length)
      const session = sessionAt(index)
      return session.open > time ? session : sessionAt(index + 1)
    },
    previousSession(time) {
      const index = within(indexAt(time))
      const session = sessionAt(index)
      return session.close <= time ? session : sessionAt(within(index - 1))
    },
  }
}
