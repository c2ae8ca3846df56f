import type { EpochMs } from '@tradeswarm/core'
import type { Session, TradingCalendar } from '@tradeswarm/trading'

/** 2026-01-05T00:00:00Z: when every simulation begins. */
export const simulationStart: EpochMs = 1_767_571_200_000
/** A simulated day is a minute: sessions of 40 s, so that a run of minutes holds many days. */
export const sessionPeriodMs = 60_000
const sessionLengthMs = 40_000
const firstOpen = simulationStart + 5_000
const dayMs = 86_400_000

/** The session with a number; 0 is the first one after the start, earlier ones are negative. */
export function simulatedSession(index: number): Session {
  const open = firstOpen + index * sessionPeriodMs
  const date = new Date(simulationStart + index * dayMs).toISOString().slice(0, 10)
  return { date, open, close: open + sessionLengthMs, earlyClose: false }
}

/** A calendar whose days pass in a minute. */
export function createSessionCalendar(): TradingCalendar {
  const indexAt = (time: EpochMs): number => Math.floor((time - firstOpen) / sessionPeriodMs)
  return {
    name: 'us-equity',
    session: (date) => simulatedSession(Math.round((Date.parse(date) - simulationStart) / dayMs)),
    dateOf: (time) => simulatedSession(indexAt(time)).date,
    openSession(time) {
      const session = simulatedSession(indexAt(time))
      return time < session.close ? session : undefined
    },
    nextSession: (time) => simulatedSession(indexAt(time) + 1),
    previousSession(time) {
      const session = simulatedSession(indexAt(time))
      return session.close <= time ? session : simulatedSession(indexAt(time) - 1)
    },
  }
}
