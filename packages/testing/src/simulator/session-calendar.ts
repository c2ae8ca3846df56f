import type { EpochMs } from '@tradeswarm/core'
import type { CalendarName, Session, TradingCalendar } from '@tradeswarm/trading'

/** 2026-01-05T00:00:00Z: when every simulation begins. */
export const simulationStart: EpochMs = 1_767_571_200_000
/** A simulated day is a minute: sessions of 40 s, so that a run of minutes holds many days. */
export const sessionPeriodMs = 60_000
const sessionLengthMs: Readonly<Record<CalendarName, number>> = { 'us-equity': 40_000, 'always-open': sessionPeriodMs }
const firstOpen = simulationStart + 5_000
const dayMs = 86_400_000

/** The session with a number; 0 is the first one after the start, earlier ones are negative. Where a market never closes, one begins as the other ends. */
export function simulatedSession(index: number, calendar: CalendarName = 'us-equity'): Session {
  const open = firstOpen + index * sessionPeriodMs
  const date = new Date(simulationStart + index * dayMs).toISOString().slice(0, 10)
  return { date, open, close: open + sessionLengthMs[calendar], earlyClose: false }
}

/** A calendar whose days pass in a minute. */
export function createSessionCalendar(name: CalendarName = 'us-equity'): TradingCalendar {
  const numbered = (index: number): Session => simulatedSession(index, name)
  const indexAt = (time: EpochMs): number => Math.floor((time - firstOpen) / sessionPeriodMs)
  return {
    name,
    session: (date) => numbered(Math.round((Date.parse(date) - simulationStart) / dayMs)),
    dateOf: (time) => numbered(indexAt(time)).date,
    openSession(time) {
      const session = numbered(indexAt(time))
      return time < session.close ? session : undefined
    },
    nextSession: (time) => numbered(indexAt(time) + 1),
    previousSession(time) {
      const session = numbered(indexAt(time))
      return session.close <= time ? session : numbered(indexAt(time) - 1)
    },
  }
}

/** The number of the session whose bar a feed gives to a program that starts now. */
export function lastToldSession(now: EpochMs, calendar: CalendarName): number {
  const since = calendar === 'always-open' ? firstOpen : simulationStart
  return Math.floor((now - since) / sessionPeriodMs) - 1
}
