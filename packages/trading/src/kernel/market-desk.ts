import type { SessionDate } from '../instruments/trading-calendar.js'
import type { DividendEvent, MarketEvent, SessionEvent } from '../market/market-event.js'
import { decimal, decimalText, zero } from '../money/decimal.js'
import { commit, equityOf, type KernelRuntime, tradingState } from './kernel-runtime.js'
import { checkLosses } from './loss-desk.js'
import { expirePermits } from './order-desk.js'
import { cancelUnprotective, protect } from './protection-desk.js'
import { reconcile, settleUnknown } from './reconcile.js'

/** Marks positions, moves the risk day on, keeps the exits. */
export async function takeMarketEvent(runtime: KernelRuntime, event: MarketEvent): Promise<void> {
  expirePermits(runtime)
  await settleUnknown(runtime)
  switch (event.type) {
    case 'open':
      runtime.market.takeOpen(event)
      return marked(runtime, event.symbol)
    case 'bar':
      runtime.market.takeBar(event)
      return marked(runtime, event.symbol)
    case 'dividend':
      payDividend(runtime, event)
      return
    case 'session':
      return takeSession(runtime, event)
  }
}

async function marked(runtime: KernelRuntime, symbol: string): Promise<void> {
  if (decimal(runtime.state.ledger.quantity(symbol)).eq(zero)) return
  checkLosses(runtime)
  await protect(runtime, symbol)
}

function payDividend(
  runtime: KernelRuntime,
  { symbol, sessionDate, amountPerUnit, time, currency }: DividendEvent,
): void {
  const quantity = runtime.state.ledger.quantity(symbol)
  if (decimal(quantity).eq(zero)) return
  if (currency !== runtime.state.currency) {
    runtime.logger.warn('dividend in another currency not booked', { symbol, currency })
    return
  }
  const trip = runtime.state.trips.get(symbol)
  const eventId = `dividend-${symbol}-${sessionDate}`
  const chain = trip === undefined ? {} : { correlationId: trip.correlationId, causationId: trip.causationId }
  commit(runtime, {
    type: 'booked',
    time,
    event: { type: 'dividend', eventId, time, symbol, quantity, amountPerUnit, ...chain },
  })
}

async function takeSession(runtime: KernelRuntime, { phase, sessionDate, calendar }: SessionEvent): Promise<void> {
  if (calendar !== runtime.calendar.name) return
  if (phase === 'close') closeSession(runtime, sessionDate)
  else startSession(runtime, sessionDate)
  if (!runtime.reconciled && runtime.broker !== undefined) await reconcile(runtime)
  // A venue that refused to cancel an entry is asked again.
  if (runtime.broker !== undefined && tradingState(runtime).state === 'halted')
    await cancelUnprotective(runtime, undefined, 'trading is halted')
  for (const [symbol, trip] of runtime.state.trips) {
    if (trip.status === 'open' || runtime.state.index.openOrders.has(symbol)) await protect(runtime, symbol)
  }
}

/** A new account takes its baselines from what it starts with. */
export function startFirstDay(runtime: KernelRuntime): void {
  if (runtime.state.risk.sessionDate !== undefined) return
  const now = runtime.clock.now()
  startSession(runtime, (runtime.calendar.openSession(now) ?? runtime.calendar.previousSession(now)).date)
}

/** The risk day begins before the open (or at it, where nobody announced it): baselines are taken and the day's loss halt ends. */
function startSession(runtime: KernelRuntime, sessionDate: SessionDate): void {
  const { risk } = runtime.state
  if (risk.sessionDate !== undefined && risk.sessionDate >= sessionDate) return
  const time = runtime.clock.now()
  commit(runtime, { type: 'session-started', time, sessionDate, ...equityText(runtime) })
  if (risk.halts['daily-loss'] === undefined) return
  const reason = `the session of ${sessionDate} has begun`
  commit(runtime, { type: 'resumed', time, causes: ['daily-loss'], reason })
  runtime.outbox.push({ type: 'trading-state', state: tradingState(runtime).state, reason, time })
}

function closeSession(runtime: KernelRuntime, sessionDate: SessionDate): void {
  const { lastClosedSession } = runtime.state.risk
  if (lastClosedSession !== undefined && lastClosedSession >= sessionDate) return
  commit(runtime, { type: 'session-closed', time: runtime.clock.now(), sessionDate, ...equityText(runtime) })
}

function equityText(runtime: KernelRuntime): { readonly equity?: string } {
  const equity = equityOf(runtime)
  return equity === undefined ? {} : { equity: decimalText(equity) }
}
