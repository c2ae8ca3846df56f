import type { Clock, EpochMs, Timers } from '@tradeswarm/core'
import type { Session, SessionEvent, TradingCalendar } from '@tradeswarm/trading'

const preOpenMs = 15 * 60_000

/** Tells when a market nears its open, opens and closes, by its exchange's calendar. One that never closes does all three at once. */
export class SessionClock {
  readonly #calendar: TradingCalendar
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #tell: (event: SessionEvent) => void
  #cancel: () => void = () => undefined
  #isStarted = false

  constructor(calendar: TradingCalendar, clock: Clock, timers: Timers, tell: (event: SessionEvent) => void) {
    this.#calendar = calendar
    this.#clock = clock
    this.#timers = timers
    this.#tell = tell
  }

  /** A session that is open already is told at once. Asked again it does nothing. */
  start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    const now = this.#clock.now()
    const open = this.#calendar.openSession(now)
    if (open === undefined) {
      this.#awaitSession(now)
      return
    }
    this.#say('pre-open', open, now)
    this.#say('open', open, now)
    this.#at(open.close, () => this.#close(open))
  }

  close(): void {
    this.#cancel()
  }

  /** The session that is open, if one is. */
  current(): Session | undefined {
    return this.#calendar.openSession(this.#clock.now())
  }

  #awaitSession(now: EpochMs): void {
    // Where a market never closes, one session opens as the other ends.
    const next = this.#calendar.openSession(now) ?? this.#calendar.nextSession(now)
    this.#at(Math.max(now, next.open - preOpenMs), () => {
      this.#say('pre-open', next, Math.max(this.#clock.now(), next.open - preOpenMs))
      this.#at(next.open, () => {
        this.#say('open', next, next.open)
        this.#at(next.close, () => this.#close(next))
      })
    })
  }

  #close(session: Session): void {
    this.#say('close', session, session.close)
    this.#awaitSession(session.close)
  }

  #say(phase: SessionEvent['phase'], { date }: Session, time: EpochMs): void {
    this.#tell({ type: 'session', phase, calendar: this.#calendar.name, sessionDate: date, time })
  }

  #at(time: EpochMs, callback: () => void): void {
    this.#cancel()
    this.#cancel = this.#timers.at(time, callback)
  }
}
