import type { EpochMs } from '@tradeswarm/core'
import { createUsEquityCalendar, type TradingCalendar } from '@tradeswarm/trading'
import { type FakeTerms, rfc3339 } from './fake-order.js'
import { type FakeRefusal, invalid } from './fake-refusal.js'

const usEquities = createUsEquityCalendar()
const minute = 60_000
const day = 24 * 60 * minute

/** The calendar knows nothing before 1998; a clock of a test may stand there. */
const known = (time: EpochMs): EpochMs => Math.max(time, Date.UTC(1998, 0, 5))

/** The hours that the venue keeps: those of US equities, or all. */
export class VenueHours {
  readonly #isAlwaysOpen: boolean

  readonly #calendar: TradingCalendar

  constructor(isAlwaysOpen: boolean, calendar: TradingCalendar = usEquities) {
    this.#isAlwaysOpen = isAlwaysOpen
    this.#calendar = calendar
  }

  /** Whether equities trade at an instant, in core hours. */
  isOpen(now: EpochMs): boolean {
    return this.#isAlwaysOpen || this.#calendar.openSession(known(now)) !== undefined
  }

  /** When an order ends by itself: a day order with its session, others after 90 days. */
  expiryOf({ timeInForce, asset }: FakeTerms, now: EpochMs): EpochMs {
    if (timeInForce === 'gtc' || asset.class === 'crypto') return now + 90 * day
    return (this.#calendar.openSession(known(now)) ?? this.#calendar.nextSession(known(now))).close
  }

  /** Auction orders are refused from shortly before their auction until 19:00 in New York, three hours after the usual close. */
  checkWindow({ timeInForce }: FakeTerms, now: EpochMs): FakeRefusal | undefined {
    if (this.#isAlwaysOpen || (timeInForce !== 'opg' && timeInForce !== 'cls')) return undefined
    const session = this.#calendar.session(this.#calendar.dateOf(known(now)))
    if (session === undefined) return undefined
    const from = timeInForce === 'opg' ? session.open - 2 * minute : session.close - 10 * minute
    const until = session.open + 9.5 * 60 * minute
    if (now < from || now >= until) return undefined
    return invalid(`${timeInForce} orders are not accepted at this time`)
  }

  /** `/v2/clock`, in New York time. */
  clockJson(now: EpochMs): Record<string, unknown> {
    const open = this.#calendar.openSession(known(now))
    const next = this.#calendar.nextSession(known(now))
    const current = open ?? next
    return {
      timestamp: newYork(now, 'milliseconds'),
      is_open: this.isOpen(now),
      next_open: newYork(next.open),
      next_close: newYork(current.close),
    }
  }
}

/** The trading day of an instant, or the next one. */
export function tradingDay(now: EpochMs): { readonly date: string; readonly open: EpochMs } {
  return usEquities.openSession(known(now)) ?? usEquities.nextSession(known(now))
}

/** An instant in New York, with its offset, such as `-05:00`: from the exchange's calendar, whose sessions open at 09:30 there. */
function newYork(time: EpochMs, to: 'seconds' | 'milliseconds' = 'seconds'): string {
  // A close is no part of its session.
  const utcMinutes = Math.floor((tradingDay(time - 1).open % day) / minute)
  const hours = Math.round((utcMinutes - 9.5 * 60) / 60)
  const local = new Date(time - hours * 60 * minute).toISOString().slice(0, to === 'seconds' ? 19 : 23)
  return `${local}-0${hours}:00`
}

/** `/v2/calendar`: trading days only; `start` and `end` are dates, both included. */
export function calendarJson(start: string, end: string): readonly Record<string, unknown>[] {
  const days: Record<string, unknown>[] = []
  const last = Date.parse(`${end}T12:00:00Z`)
  for (let time = Date.parse(`${start}T12:00:00Z`); time <= last && days.length < 10_000; time += day) {
    const date = rfc3339(time).slice(0, 10)
    const session = usEquities.session(date)
    if (session === undefined) continue
    days.push({
      date,
      open: '09:30',
      close: session.earlyClose ? '13:00' : '16:00',
      session_open: '0400',
      session_close: session.earlyClose ? '1700' : '2000',
      settlement_date: rfc3339(usEquities.nextSession(session.close).open).slice(0, 10),
    })
  }
  return days
}
