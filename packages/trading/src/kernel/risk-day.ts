import type { EpochMs } from '@tradeswarm/core'
import type { SessionDate } from '../instruments/trading-calendar.js'
import { decimalText } from '../money/decimal.js'
import { alert, commit, equityOf, type KernelRuntime } from './kernel-runtime.js'
import { noteLatestPeak } from './loss-desk.js'
import { tellState } from './raise-halt.js'

/** A new account takes its baselines from what it starts with. */
export function startFirstDay(runtime: KernelRuntime): void {
  if (runtime.state.risk.sessionDate !== undefined) return
  const now = runtime.clock.now()
  startSession(runtime, (runtime.calendar.openSession(now) ?? runtime.calendar.previousSession(now)).date)
}

/**
 * Begins the risk day where no feed announces one, with the first price in a session: by the time that the market says, and by ours where that
 * is earlier. A clock that jumps ahead begins no day, and takes the losses of this one from nobody's account.
 */
export function rollDay(runtime: KernelRuntime, told: EpochMs): void {
  const at = Math.min(runtime.clock.now(), told)
  if (at < runtime.dayKnownUntil) return
  const session = runtime.calendar.openSession(at)
  runtime.dayKnownUntil = session?.close ?? runtime.calendar.nextSession(at).open
  if (session !== undefined) startSession(runtime, session.date)
}

/** The same when the watch comes round and nobody trades: by our clock, where the venue's agrees with it. */
export function rollDayByClock(runtime: KernelRuntime): void {
  if (typeof runtime.clockSkewMs === 'number' && !isClockDoubted(runtime)) rollDay(runtime, runtime.clock.now())
}

/** Whether that is due as far as our clock goes, and nobody has said yet that it is wrong: then the venue is to be asked first. */
export function isDayDue({ clock, clockSkewMs, dayKnownUntil }: KernelRuntime): boolean {
  return clock.now() >= dayKnownUntil && typeof clockSkewMs === 'number' && clockSkewMs <= mostOffMs
}

/** A session that somebody announces by a clock which is known to be wrong is not begun: it will be with its first price. */
export function announceSession(runtime: KernelRuntime, sessionDate: SessionDate): void {
  if (!isNewDay(runtime, sessionDate)) return
  if (!isClockDoubted(runtime)) {
    startSession(runtime, sessionDate)
    return
  }
  // The watch asks the venue anew.
  runtime.clockSkewMs = undefined
  const message = `the session of ${sessionDate} was announced while our clock is in doubt: its day, and what losses are measured from, begin with its first price`
  alert(runtime, 'SESSION_NOT_BEGUN', message)
}

/** Clocks that are further apart than this put a day in doubt. */
const mostOffMs = 60_000

/** Whether the venue's clock says otherwise, or ours has jumped since that was last asked for. In virtual time there is none but ours. */
function isClockDoubted({ clock, clockSkewMs, clockSeen, hasTimers }: KernelRuntime): boolean {
  if (!hasTimers) return false
  if (typeof clockSkewMs === 'number' && clockSkewMs > mostOffMs) return true
  if (clockSeen === undefined || clock.elapsed === undefined) return false
  return Math.abs(clock.now() - clockSeen.now - (clock.elapsed() - clockSeen.elapsed)) > mostOffMs
}

/**
 * A day that began before all holdings had a price, as after a restart, is counted from the first moment when they have; so is the peak after a
 * resume of before that.
 */
export function takeBaseline(runtime: KernelRuntime): void {
  const { sessionDate, dayStartEquity, peakEquity } = runtime.state.risk
  if (sessionDate === undefined || (dayStartEquity !== undefined && peakEquity !== undefined)) return
  const equity = equityOf(runtime)
  if (equity === undefined) return
  const taken = { time: runtime.clock.now(), equity: decimalText(equity) }
  if (dayStartEquity === undefined) commit(runtime, { ...taken, type: 'baseline-taken', sessionDate })
  else commit(runtime, { ...taken, type: 'peak-reached' })
}

/** The risk day begins before the open (or at it, where nobody announced it): baselines are taken and the day's loss halt ends. */
function startSession(runtime: KernelRuntime, sessionDate: SessionDate): void {
  if (!isNewDay(runtime, sessionDate)) return
  const { risk } = runtime.state
  const time = runtime.clock.now()
  noteLatestPeak(runtime)
  commit(runtime, { type: 'session-started', time, sessionDate, ...equityText(runtime) })
  if (risk.halts['daily-loss'] === undefined) return
  const reason = `the session of ${sessionDate} has begun`
  commit(runtime, { type: 'resumed', time, causes: ['daily-loss'], reason })
  tellState(runtime, reason)
}

export function closeSession(runtime: KernelRuntime, sessionDate: SessionDate): void {
  const { lastClosedSession } = runtime.state.risk
  if (lastClosedSession !== undefined && lastClosedSession >= sessionDate) return
  noteLatestPeak(runtime)
  commit(runtime, { type: 'session-closed', time: runtime.clock.now(), sessionDate, ...equityText(runtime) })
}

function equityText(runtime: KernelRuntime): { readonly equity?: string } {
  const equity = equityOf(runtime)
  return equity === undefined ? {} : { equity: decimalText(equity) }
}

function isNewDay({ state }: KernelRuntime, sessionDate: SessionDate): boolean {
  return state.risk.sessionDate === undefined || state.risk.sessionDate < sessionDate
}
