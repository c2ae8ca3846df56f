import type { EpochMs } from '@tradeswarm/core'

/** The calendars that instruments can name. */
export const calendarNames = ['us-equity', 'always-open'] as const
export type CalendarName = (typeof calendarNames)[number]

/** A day on the exchange's own calendar, `YYYY-MM-DD`. */
export type SessionDate = string

/** One day of trading, in epoch milliseconds. */
export type Session = {
  readonly date: SessionDate
  readonly open: EpochMs
  readonly close: EpochMs
  readonly earlyClose: boolean
}

/** When an exchange trades. */
export type TradingCalendar = {
  readonly name: CalendarName
  /** The session of a date, or undefined on a day without trading. */
  session(date: SessionDate): Session | undefined
  /** The exchange-local date of an instant. */
  dateOf(time: EpochMs): SessionDate
  /** The session that is open at an instant (open ≤ time < close). */
  openSession(time: EpochMs): Session | undefined
  /** The first session that opens after an instant. */
  nextSession(time: EpochMs): Session
  /** The last session that closed at or before an instant. */
  previousSession(time: EpochMs): Session
}
