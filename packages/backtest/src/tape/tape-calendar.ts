import { type EpochMs, SwarmError } from '@tradeswarm/core'
import { type Session, type SessionDate, type TradingCalendar, tradingCalendar } from '@tradeswarm/trading'
import type { Tape } from './tape.js'

/** The calendar that all instruments of a tape trade on. Throws `TAPE_EMPTY` or `TAPE_OPTION_INVALID` where there isn't one. */
export function calendarOf(tape: Pick<Tape, 'instruments' | 'name'>): TradingCalendar {
  const [first] = tape.instruments
  if (first === undefined)
    throw new SwarmError({ code: 'TAPE_EMPTY', message: `tape ${tape.name}: there are no instruments` })
  const other = tape.instruments.find((instrument) => instrument.calendar !== first.calendar)
  if (other !== undefined) {
    throw new SwarmError({
      code: 'TAPE_OPTION_INVALID',
      message: `tape ${tape.name}: ${first.symbol} trades on ${first.calendar} and ${other.symbol} on ${other.calendar}; a tape has one calendar`,
    })
  }
  return tradingCalendar(first.calendar)
}

/** The session of a date that is known to have one. Throws `TAPE_NOT_A_SESSION`. */
export function sessionOf(calendar: TradingCalendar, date: SessionDate): Session {
  const session = calendar.session(date)
  if (session !== undefined) return session
  throw new SwarmError({
    code: 'TAPE_NOT_A_SESSION',
    message: `${date} is no trading day of the ${calendar.name} calendar`,
  })
}

/** The session of a date; undefined too where the calendar does not know the year. */
export function knownSession(calendar: TradingCalendar, date: SessionDate): Session | undefined {
  return withinRange(() => calendar.session(date))
}

/** The exchange's date of an instant; undefined where the calendar does not know the year. */
export function knownDateOf(calendar: TradingCalendar, time: EpochMs): SessionDate | undefined {
  return withinRange(() => calendar.dateOf(time))
}

function withinRange<Value>(ask: () => Value): Value | undefined {
  try {
    return ask()
  } catch (error) {
    if (SwarmError.isInstance(error, 'CALENDAR_OUT_OF_RANGE')) return undefined
    throw error
  }
}
