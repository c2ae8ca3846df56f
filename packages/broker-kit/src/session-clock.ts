import type { Clock, EpochMs, Timers } from '@tradeswarm/core'
import { createUsEquityCalendar, type Session, type SessionEvent, type TradingCalendar } from '@tradeswarm/trading'

/** When sessions are, and how long before the open what was decided while the market was closed falls due. */
export type SessionPlan = { readonly calendar: TradingCalendar; readonly preOpenLeadMs: number }

/** Those of US equities, by the exchange's calendar. */
export const usEquitySessions: SessionPlan = { calendar: createUsEquityCalendar(), preOpenLeadMs: 15 * 60_000 }

/** Sessions that are shorter are those of a market that goes faster than any: nothing of theirs is on its way after their close. */
const shortestMs = 3_600_000

/** How long after a session's end its last bar is on its way, of at most so many milliseconds. */
export function settlingMs({ open, close }: Session, mostMs: number): number {
  return close - open < shortestMs ? 0 : mostMs
}

/** Tells when a market nears its open, opens and closes, by its exchange's calendar. One that never closes does all three at once. */
export class SessionClock {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #tell: (event: SessionEvent) => void
  readonly #plan: SessionPlan
  readonly #settleMs: number
  #cancel: () => void = () => undefined
  #isStarted = false

  /** A close is told `settleMs` after it has been: what is on its way then has come. */
  constructor(clock: Clock & Timers, plan: SessionPlan, tell: (event: SessionEvent) => void, settleMs = 0) {
    this.#clock = clock
    this.#timers = clock
    this.#plan = plan
    this.#tell = tell
    this.#settleMs = settleMs
  }

  /** A session that is open already is told at once. Asked again it does nothing. */
  start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    const now = this.#clock.now()
    const open = this.#plan.calendar.openSession(now)
    if (open === undefined) {
      this.#awaitSession(now)
      return
    }
    this.#say('pre-open', open, now)
    this.#say('open', open, now)
    this.#awaitClose(open)
  }

  close(): void {
    this.#cancel()
  }

  /** The session that is open, if one is. */
  current(): Session | undefined {
    return this.#plan.calendar.openSession(this.#clock.now())
  }

  #awaitSession(now: EpochMs): void {
    // Where a market never closes, one session opens as the other ends.
    const { calendar, preOpenLeadMs } = this.#plan
    const next = calendar.openSession(now) ?? calendar.nextSession(now)
    const due = Math.max(now, next.open - preOpenLeadMs)
    this.#at(due, () => {
      // Where one session opens as the other ends, it has opened when the close is told.
      this.#say('pre-open', next, Math.min(Math.max(this.#clock.now(), due), next.open))
      this.#at(next.open, () => {
        this.#say('open', next, next.open)
        this.#awaitClose(next)
      })
    })
  }

  #awaitClose(session: Session): void {
    this.#at(session.close + settlingMs(session, this.#settleMs), () => this.#close(session))
  }

  #close(session: Session): void {
    this.#say('close', session, session.close)
    this.#awaitSession(session.close)
  }

  #say(phase: SessionEvent['phase'], { date }: Session, time: EpochMs): void {
    this.#tell({ type: 'session', phase, calendar: this.#plan.calendar.name, sessionDate: date, time })
  }

  #at(time: EpochMs, callback: () => void): void {
    this.#cancel()
    this.#cancel = this.#timers.at(time, callback)
  }
}
