import type { Cancel, ClockAndTimers } from '@tradeswarm/core'
import type { Session, SessionEvent } from '@tradeswarm/trading'
import type { VenueSessions } from '../venues/venue.js'

/** A market that never closes has the next session at once: its last bar is asked for first, a moment after it has ended. */
const lastBarMs = 5_000

/**
 * Tells of the sessions to come, for feeds that tell of none: as they near, open and close. One that has begun is let go, as is what was decided
 * for it. Answers how to stop.
 */
export function tellSessions(
  { calendar, preOpenLeadMs }: VenueSessions,
  clock: ClockAndTimers,
  tell: (event: SessionEvent) => void,
): () => void {
  let cancel: Cancel = () => undefined
  const say = (phase: SessionEvent['phase'], { date }: Session, time: number): void =>
    tell({ type: 'session', phase, calendar: calendar.name, sessionDate: date, time })
  const at = (time: number, callback: () => void): void => {
    cancel = clock.at(time, callback)
  }
  const isEndless = calendar.name === 'always-open'
  const [leadMs, delayMs] = isEndless ? [0, lastBarMs] : [preOpenLeadMs, 0]
  const awaitSession = (session: Session): void => {
    const due = session.open - leadMs + delayMs
    at(due, () => {
      say('pre-open', session, Math.max(clock.now(), due))
      at(session.open + delayMs, () => {
        say('open', session, session.open)
        at(session.close + delayMs, () => {
          say('close', session, session.close)
          awaitSession(isEndless ? calendar.nextSession(session.close - 1) : calendar.nextSession(session.close))
        })
      })
    })
  }
  awaitSession(calendar.nextSession(clock.now()))
  return () => cancel()
}
