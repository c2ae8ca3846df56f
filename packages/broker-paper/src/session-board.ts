import type { EpochMs } from '@tradeswarm/core'
import { type CalendarName, type SessionDate, type TradingCalendar, tradingCalendar } from '@tradeswarm/trading'
import type { RestingOrder } from './resting-order.js'

/** A session as the venue saw it begin. */
export type OpenedSession = {
  readonly date: SessionDate
  readonly openTime: EpochMs
  /** Where its opening stands among all that happened at the venue. */
  readonly sequence: number
}

/** The session that each calendar is in, or was in last. */
export class SessionBoard {
  readonly #sessions = new Map<string, OpenedSession>()
  readonly #closed = new Set<string>()
  /** Calendars of which the feed tells when sessions begin and end. */
  readonly #announced = new Set<string>()
  /** For those of which it does not: whether the exchange is open, from an instant until another. */
  readonly #hours = new Map<
    string,
    { readonly calendar: TradingCalendar; from: EpochMs; until: EpochMs; open: boolean }
  >()

  /** Notes that a session begins; a session that is already known keeps its first note. */
  open(
    calendar: CalendarName | string,
    date: SessionDate,
    openTime: EpochMs,
    nextSequence: () => number,
  ): OpenedSession {
    const known = this.#sessions.get(calendar)
    if (known?.date === date) return known
    const session = { date, openTime, sequence: nextSequence() }
    this.#sessions.set(calendar, session)
    this.#closed.delete(calendar)
    return session
  }

  /** Notes that the feed tells of the sessions of a calendar: from now on its word counts, and not the calendar. */
  announce(calendar: CalendarName | string): void {
    this.#announced.add(calendar)
  }

  close(calendar: CalendarName | string): void {
    this.#closed.add(calendar)
  }

  current(calendar: CalendarName | string): OpenedSession | undefined {
    return this.#sessions.get(calendar)
  }

  /** False between a session's close and the next open, by the feed's word or else by the calendar: quotes and trades of that time fill nothing. */
  isTrading(calendar: CalendarName, time: EpochMs): boolean {
    if (this.#announced.has(calendar)) return !this.#closed.has(calendar)
    return this.#isOpenAt(calendar, time)
  }

  #isOpenAt(name: CalendarName, time: EpochMs): boolean {
    let hours = this.#hours.get(name)
    if (hours === undefined) {
      hours = { calendar: tradingCalendar(name), from: 0, until: 0, open: false }
      this.#hours.set(name, hours)
    }
    if (time >= hours.from && time < hours.until) return hours.open
    const session = hours.calendar.openSession(time)
    hours.open = session !== undefined
    hours.from = session?.open ?? hours.calendar.previousSession(time).close
    hours.until = session?.close ?? hours.calendar.nextSession(time).open
    return hours.open
  }
}

/** True for an order that was at the venue before the session began: it was decided without knowing any price of it. */
export function waitedForOpen(order: RestingOrder, session: OpenedSession): boolean {
  return order.sequence < session.sequence && order.acceptedAt <= session.openTime
}

/**
 * True for a stop or limit that only reduces and came at the very instant of the open: an exit, decided with its entry, which
 * could not be placed before the entry had filled. The bar's range lies after it; its open does not.
 */
export function joinedAtOpen(order: RestingOrder, session: OpenedSession): boolean {
  const isExit = order.request.reduceOnly && order.request.type !== 'market'
  return isExit && order.sequence > session.sequence && order.acceptedAt <= session.openTime
}

/** True for an order that could have been filled at some price of the session. */
export function couldTradeIn(order: RestingOrder, session: OpenedSession): boolean {
  return waitedForOpen(order, session) || joinedAtOpen(order, session)
}
