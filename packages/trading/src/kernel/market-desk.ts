import { messageOf } from '@tradeswarm/core'
import type { SessionDate } from '../instruments/trading-calendar.js'
import { isContract } from '../instruments/unit-terms.js'
import type { LedgerEntry } from '../ledger/ledger-entry.js'
import { assertMarketEvent } from '../market/assert-market-event.js'
import type {
  BarEvent,
  DividendEvent,
  MarketEvent,
  OpenEvent,
  SessionEvent,
  StockSplitEvent,
  TradeEvent,
} from '../market/market-event.js'
import { decimalText, zero } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import { expireApprovals } from './approval-desk.js'
import { contain } from './contain.js'
import { hasContingencies, keepContingencies } from './contingency-desk.js'
import { noteCoverage } from './coverage.js'
import { dividendEventId } from './dividend-book.js'
import { followPrice, followQuote } from './follow-price.js'
import { cancelHaltedEntries } from './halt-desk.js'
import { alert, commit, equityOf, type KernelRuntime, openOrdersOf } from './kernel-runtime.js'
import { checkLosses, noteLatestPeak } from './loss-desk.js'
import { expirePermits, requestCancel } from './order-desk.js'
import { protect, protectContained } from './protection-desk.js'
import { tellState } from './raise-halt.js'
import { isComparisonDue, reconcile } from './reconcile.js'
import { hasUnsettled, settleUnknown } from './settle-orders.js'
import { takeFunding } from './venue-movements.js'
import { noteTraded, workOrders } from './working-desk.js'

/**
 * Marks positions, moves the risk day on, keeps the exits. A promise only where something has to be waited for. Throws `INVALID_MARKET_EVENT`,
 * naming the field.
 */
export function takeMarketEvent(runtime: KernelRuntime, event: MarketEvent): Promise<void> | undefined {
  assertMarketEvent(event)
  expirePermits(runtime)
  expireApprovals(runtime)
  return hasUnsettled(runtime) || hasContingencies(runtime)
    ? settleOthers(runtime).then(() => takeNow(runtime, event))
    : takeNow(runtime, event)
}

/** What an order waits for that nobody knows the fate of, or that is tied to others. */
async function settleOthers(runtime: KernelRuntime): Promise<void> {
  if (hasUnsettled(runtime)) await settleUnknown(runtime)
  if (hasContingencies(runtime)) await keepContingencies(runtime)
}

function takeNow(runtime: KernelRuntime, event: MarketEvent): Promise<void> | undefined {
  const taking = takeEvent(runtime, event)
  const isDone = taking === undefined && runtime.state.index.working.size === 0 && !isComparisonDue(runtime)
  return isDone ? undefined : goOnAfter(runtime, event, taking)
}

async function goOnAfter(
  runtime: KernelRuntime,
  event: MarketEvent,
  taking: Promise<unknown> | undefined,
): Promise<void> {
  if (taking !== undefined) await taking
  if (runtime.state.index.working.size > 0) {
    noteTraded(runtime, event)
    await workOrders(runtime)
  }
  if (isComparisonDue(runtime)) await reconcile(runtime)
}

function takeEvent(runtime: KernelRuntime, event: MarketEvent): Promise<unknown> | undefined {
  switch (event.type) {
    case 'open':
      if (!isOvertaken(runtime, event)) runtime.market.takeOpen(event)
      return marked(runtime, event.symbol)
    case 'bar':
      runtime.market.takeBar(event, isOvertaken(runtime, event))
      return marked(runtime, event.symbol)
    case 'dividend':
      payDividend(runtime, event)
      return kept(runtime, event)
    case 'session':
      return takeSession(runtime, event)
    case 'quote':
      runtime.market.takeQuote(event)
      return followQuote(runtime, event) || runtime.state.trips.get(event.symbol)?.due !== undefined
        ? protect(runtime, event.symbol)
        : undefined
    case 'trade':
      if (!isOvertaken(runtime, event)) runtime.market.takeTrade(event, runtime.calendar.dateOf(event.time))
      return marked(runtime, event.symbol)
    case 'split':
      return takeSplit(runtime, event)
    case 'funding':
      return takeFunding(runtime, event)
  }
}

/**
 * Whether somebody has traded since: a price that comes late is no price of now, and sets nothing off. A last one that is ahead of our clock
 * says nothing of that, as after a clock was put back.
 */
function isOvertaken({ market, clock }: KernelRuntime, { symbol, time }: OpenEvent | BarEvent | TradeEvent): boolean {
  const tradedAt = market.tradedAt(symbol)
  return tradedAt !== undefined && time < tradedAt && tradedAt <= clock.now()
}

function marked(runtime: KernelRuntime, symbol: string): Promise<void> | undefined {
  // What the account as a whole cannot be reckoned by leaves no symbol without its exits.
  void contain(runtime, 'the day and its losses', undefined, () => {
    rollDay(runtime)
    // Before anything else: what was held without a price may be gone by now, and then any symbol will do.
    takeBaseline(runtime)
    if (!runtime.state.ledger.units(symbol).eq(zero) || isRate(runtime, symbol)) checkLosses(runtime)
  })
  if (runtime.state.ledger.units(symbol).eq(zero)) return undefined
  followPrice(runtime, symbol, runtime.market.priceOf(symbol))
  return protect(runtime, symbol)
}

/** Whether what the account is worth depends on a symbol that it does not hold. */
function isRate({ broker, state }: KernelRuntime, symbol: string): boolean {
  if (state.ledger.currencyCount() === 1) return false
  const instrument = broker?.instrument(symbol)
  if (instrument === undefined) return false
  const other = instrument.asset === state.currency ? instrument.currency : instrument.asset
  return other !== state.currency && state.ledger.currencies().includes(other)
}

function payDividend(runtime: KernelRuntime, dividend: DividendEvent): void {
  // The venue says what it has paid, and when.
  if (runtime.broker?.capabilities?.tellsDividends === true) return
  const { symbol, amountPerUnit, time, currency } = dividend
  // Also where it is told late: on what was held then.
  const quantity = decimalText(runtime.state.ledger.unitsAt(symbol, time))
  if (quantity === '0') return
  // Also where it is the account's own, of a symbol that settles in another.
  const settlesIn = runtime.state.ledger.position(symbol)?.currency
  const paidIn = currency === runtime.state.currency && settlesIn === undefined ? {} : { currency }
  const trip = runtime.state.trips.get(symbol)
  const eventId = dividendEventId(runtime.state.dividends, dividend)
  const chain = trip === undefined ? {} : { correlationId: trip.correlationId, causationId: trip.causationId }
  commit(runtime, {
    type: 'booked',
    time,
    event: { type: 'dividend', eventId, time, symbol, quantity, amountPerUnit, ...paidIn, ...chain },
  })
}

/** No venue can be asked for it once more, and no feed tells it again after a crash: it survives one from here on. */
async function kept(runtime: KernelRuntime, { type, symbol }: DividendEvent | StockSplitEvent): Promise<void> {
  try {
    await runtime.journal.durable()
  } catch (thrown) {
    const message = `the ${type} of ${symbol} is booked, and a restart may lose it: ${messageOf(thrown)}`
    alert(runtime, 'JOURNAL_NOT_DURABLE', message, symbol)
  }
}

/**
 * New units at prices that stand for the same worth: no equity changes and nothing is set off. Orders of before are withdrawn, whatever
 * their venue makes of them; exits come back in new units and at new levels.
 */
async function takeSplit(runtime: KernelRuntime, event: StockSplitEvent): Promise<void> {
  const { symbol, numerator, denominator } = event
  const instrument = runtime.broker?.instrument(symbol)
  if (instrument !== undefined && isContract(instrument)) {
    alert(runtime, 'SPLIT_IGNORED', `${symbol} is a contract, which is not split: the event was ignored`, symbol)
    return
  }
  runtime.market.takeSplit(event)
  // Also of what is no longer held, or not yet: an execution of before may be taken back, or told, in its old units.
  const resting = openOrdersOf(runtime, symbol)
  if (resting.length > 0 || runtime.state.trips.has(symbol) || !runtime.state.ledger.units(symbol).eq(zero)) {
    const isKnown = !isNews(bookSplit(runtime, event))
    await kept(runtime, event)
    // Told once more: what rests is in new units by now, but for what a crash has kept from being withdrawn.
    if (isKnown) return withdrawOlder(runtime, resting, event)
  }
  const reason = `${symbol} was split ${numerator} for ${denominator}`
  for (const { header } of resting) await requestCancel(runtime, header.orderId, reason)
  // Else the venue's word that they are gone brings the exits back; until then no entry of the symbol is admitted.
  if (resting.length === 0) await protect(runtime, symbol)
  else if (instrument !== undefined) noteCoverage(runtime, symbol, instrument)
}

async function withdrawOlder(
  runtime: KernelRuntime,
  resting: readonly OrderRecord[],
  { symbol, time }: StockSplitEvent,
): Promise<void> {
  for (const { header } of resting)
    if (header.createdAt < time) await requestCancel(runtime, header.orderId, `it is of before the split of ${symbol}`)
}

/** Not where it was booked before, or all that is held was bought in new units. */
function isNews(entry: LedgerEntry | undefined): boolean {
  return entry !== undefined && (entry.postings.length > 0 || entry.quantityAfter === '0')
}

function bookSplit(
  runtime: KernelRuntime,
  { symbol, sessionDate, numerator, denominator, time }: StockSplitEvent,
): LedgerEntry | undefined {
  const eventId = `split-${symbol}-${sessionDate}`
  const event = { type: 'split', eventId, time, symbol, numerator, denominator } as const
  const { entry, isLate, closed } = commit(runtime, { type: 'booked', time, event })
  if (closed !== undefined) runtime.outbox.push({ type: 'position-closed', position: closed, time })
  if (isLate !== true) return entry
  const message = `the split of ${symbol}, ${numerator} for ${denominator}, was told after executions in new units: books and exits are put right`
  alert(runtime, 'SPLIT_TOLD_LATE', message, symbol)
  return entry
}

async function takeSession(runtime: KernelRuntime, { phase, sessionDate, calendar }: SessionEvent): Promise<void> {
  if (calendar !== runtime.calendar.name) return
  if (phase === 'close') closeSession(runtime, sessionDate)
  else startSession(runtime, sessionDate)
  if (!runtime.reconciled && runtime.broker !== undefined) await reconcile(runtime)
  // A venue that refused to cancel an entry is asked again.
  if (runtime.broker !== undefined) await cancelHaltedEntries(runtime)
  for (const [symbol, trip] of runtime.state.trips) {
    if (trip.status !== 'open' && !runtime.state.index.openOrders.has(symbol)) continue
    const protecting = protectContained(runtime, symbol)
    if (protecting !== undefined) await protecting
  }
}

/** A new account takes its baselines from what it starts with. */
export function startFirstDay(runtime: KernelRuntime): void {
  if (runtime.state.risk.sessionDate !== undefined) return
  const now = runtime.clock.now()
  startSession(runtime, (runtime.calendar.openSession(now) ?? runtime.calendar.previousSession(now)).date)
}

/** Begins the risk day where no feed announces one: with the first price in a session, or when the watch comes round. */
export function rollDay(runtime: KernelRuntime): void {
  const now = runtime.clock.now()
  if (now < runtime.dayKnownUntil) return
  const session = runtime.calendar.openSession(now)
  runtime.dayKnownUntil = session?.close ?? runtime.calendar.nextSession(now).open
  if (session !== undefined) startSession(runtime, session.date)
}

/** A day that began before all holdings had a price, as after a restart, is counted from the first moment when they have. */
function takeBaseline(runtime: KernelRuntime): void {
  const { sessionDate, dayStartEquity } = runtime.state.risk
  if (sessionDate === undefined || dayStartEquity !== undefined) return
  const equity = equityOf(runtime)
  if (equity === undefined) return
  commit(runtime, { type: 'baseline-taken', time: runtime.clock.now(), sessionDate, equity: decimalText(equity) })
}

/** The risk day begins before the open (or at it, where nobody announced it): baselines are taken and the day's loss halt ends. */
function startSession(runtime: KernelRuntime, sessionDate: SessionDate): void {
  const { risk } = runtime.state
  if (risk.sessionDate !== undefined && risk.sessionDate >= sessionDate) return
  const time = runtime.clock.now()
  noteLatestPeak(runtime)
  commit(runtime, { type: 'session-started', time, sessionDate, ...equityText(runtime) })
  if (risk.halts['daily-loss'] === undefined) return
  const reason = `the session of ${sessionDate} has begun`
  commit(runtime, { type: 'resumed', time, causes: ['daily-loss'], reason })
  tellState(runtime, reason)
}

function closeSession(runtime: KernelRuntime, sessionDate: SessionDate): void {
  const { lastClosedSession } = runtime.state.risk
  if (lastClosedSession !== undefined && lastClosedSession >= sessionDate) return
  noteLatestPeak(runtime)
  commit(runtime, { type: 'session-closed', time: runtime.clock.now(), sessionDate, ...equityText(runtime) })
}

function equityText(runtime: KernelRuntime): { readonly equity?: string } {
  const equity = equityOf(runtime)
  return equity === undefined ? {} : { equity: decimalText(equity) }
}
