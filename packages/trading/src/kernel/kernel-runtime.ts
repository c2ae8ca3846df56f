import { type Clock, type EpochMs, type Ids, type Logger, messageOf, SwarmError } from '@tradeswarm/core'
import type { TradingCalendar } from '../instruments/trading-calendar.js'
import type { Decimal } from '../money/decimal.js'
import type { Broker, VenueOrder } from '../orders/broker.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import type { OrderStatus } from '../orders/order-state.js'
import { type HaltScope, type HaltSubject, keysOf, scopeKey } from '../risk/halt-scope.js'
import type { KillSwitch } from '../risk/kill-switch.js'
import type { PeakWatch } from '../risk/loss-limits.js'
import type { Standing } from '../risk/permit-checks.js'
import type { RiskAuthority } from '../risk/risk-authority.js'
import { haltsIn, type TradingStanding, tradingStateOf } from '../risk/risk-state.js'
import type { AccountLease } from './account-lease.js'
import { appendApplied, appendLine, tellEntry } from './append-line.js'
import { applyKernelRecord, prepareExecution, prepareKernelRecord } from './apply-kernel-record.js'
import type { AutomaticHaltLimits, EntryTimes } from './automatic-halts.js'
import { rateOf } from './currency-rate.js'
import type { KernelEvent, KernelJournal } from './kernel.js'
import type { KernelEffect } from './kernel-effect.js'
import { type KernelJournalEntry, type KernelRecord, type OrderEventRecord, recordKind } from './kernel-record.js'
import type { KernelState } from './kernel-state.js'
import type { MarketBook } from './market-book.js'
import { recordId } from './record-id.js'
import type { RiskInputs } from './risk-context-of.js'
import { bookedTerms } from './settled-as.js'
import type { TradedVolume } from './working-desk.js'

/** What the parts of a kernel share. Everything in it that matters after a restart is in `state`. */
export type KernelRuntime = {
  readonly state: KernelState
  readonly clock: Clock
  readonly ids: Ids
  readonly calendar: TradingCalendar
  readonly logger: Logger
  readonly journal: KernelJournal
  readonly market: MarketBook
  readonly killSwitch: KillSwitch
  readonly authority: RiskAuthority
  /** The name of the broker: what a halt of a venue names. */
  readonly venue: string
  /** Who may act with authority; undefined where any name will do. */
  readonly operators: ReadonlySet<string> | undefined
  /** When trading is reduced by itself. */
  readonly limits: AutomaticHaltLimits
  /** A person has so long to approve an order. */
  readonly approvalLifetimeMs: number
  /** Whether the clock wakes it, or nothing but events, as in virtual time. */
  readonly hasTimers: boolean
  /** The hold on the account; undefined where nobody else could have it. */
  readonly lease: AccountLease | undefined
  readonly entryTimes: EntryTimes
  readonly riskInputs: RiskInputs
  /** Set by start. */
  broker: Broker | undefined
  startedAt: number
  /** How far the venue's clock is surely off ours, as last measured; undefined while it could not be asked. */
  clockSkewMs: number | 'no-clock' | undefined
  /** What our clock and the time that has passed said when the venue's was last asked for; undefined before, and without a measure of the latter. */
  clockSeen: { readonly now: EpochMs; readonly elapsed: number } | undefined
  /** When it was last looked for permits that nobody used in time. */
  permitsCheckedAt: number | undefined
  /** Until then no new session can have begun. */
  dayKnownUntil: number
  reconciled: boolean
  /** What the last comparison with the venue told. */
  toldDifferences: ReadonlySet<string>
  /** The journal refused an entry: nothing is sent any more that adds exposure. */
  failed: boolean
  /** It was stopped, and a send that still waits must not go out. */
  stopped: boolean
  /** Why nothing is sent at all, by an operator's freeze. */
  frozen: string | undefined
  /** So often it was frozen since it was made: the end of a freeze ends none that came since it was asked for. */
  freezes: number
  /** What is to be told when the books are right. */
  readonly outbox: KernelEvent[]
  /** Lines of bookings that the journal refused: the books hold them, so they go before anything else that is written. */
  readonly unwritten: KernelJournalEntry[]
  /** Orders whose cancel got no answer: the venue is asked what became of it. */
  readonly unansweredCancels: Set<string>
  /** When a venue that refuses to cancel an order of a group was last asked to. */
  readonly cancelAskedAt: Map<string, number>
  /** When the venue was last asked about an order of unknown fate, how often in that state, and how often it was sent again. */
  readonly askedAt: Map<
    string,
    { readonly at: number; readonly count: number; readonly resends: number; readonly status: OrderStatus }
  >
  /** Work of one order or symbol that failed when it was last done, and what was told of that; see `contain.ts`. */
  readonly toldFaults: Map<string, string>
  /** When a stop of a symbol was last placed, and an order that leaves all of it because it is over. */
  readonly stopPlacedAt: Map<string, number>
  readonly timeExitAt: Map<string, number>
  /** When an order was last asked to be cancelled because its time is over. */
  readonly overdueSince: Map<string, number>
  /** Since when orders of ours were asked to make way for an exit that waits; by its order id. */
  readonly waySince: Map<string, number>
  /** Of which orders it was told that executions are missing, and up to what quantity. */
  readonly toldMissing: Map<string, string>
  /** When books and venue were last compared, and when they last agreed. */
  comparedAt: number | undefined
  agreedAt: number | undefined
  readonly reconcileEveryMs: number
  /** Orders that the venue did not list when last compared, though it has acknowledged them. */
  missedOrders: ReadonlySet<string>
  /** What the venue holds that is not ours, as last seen: orders by client order id, assets with their amounts. */
  externalOrders: ReadonlyMap<string, VenueOrder>
  externalHoldings: ReadonlyMap<string, Decimal>
  /** What the market has traded while an order was worked as a share of it, by order; see `working-desk.ts`. */
  readonly traded: Map<string, TradedVolume>
  /** The peaks of equity that were seen. */
  readonly peaks: PeakWatch
  /** Since when a symbol has units without an acknowledged stop, and whether that was told. */
  readonly uncovered: Map<string, { since: number; alerted: boolean }>
}

/**
 * Journals a record and changes the state by it. A record that cannot be applied is not journalled, and changes nothing.
 * When the journal refuses, entries stop for good: what is not written did not happen.
 * Throws `KERNEL_RECORD_INVALID`, `KERNEL_JOURNAL_FAILED`, and what the ledger throws of an event that it does not take.
 */
export function commit(runtime: KernelRuntime, record: KernelRecord): KernelEffect {
  const { state } = runtime
  const id = recordId(state, record)
  if (record.type === 'booked') {
    const effect = applyKernelRecord(state, record)
    const { entry } = effect
    if (entry === undefined) return effect
    appendApplied(runtime, { id, kind: 'ledger', payload: { entry, ...record }, time: record.time })
    tellEntry(runtime, entry)
    return effect
  }
  const apply = applicable(id, () => prepareKernelRecord(state, record))
  const { time } = record
  // What the authority says is its own, and its caller waits for the answer.
  if (record.type === 'order-assessed') appendLine(runtime, { id, isFinal: true, kind: 'risk', payload: record, time })
  else appendLine(runtime, { id, kind: recordKind(record), payload: record, time })
  return apply()
}

/**
 * Journals the venue's word of an execution with its booking, in one record, where its figures hold; otherwise the word alone.
 * Throws as {@link commit}; what the ledger does not take has changed nothing, and nothing was journalled.
 */
export function commitExecution(
  runtime: KernelRuntime,
  { event, orderId, time }: OrderEventRecord,
  header: OrderHeader,
): KernelEffect {
  const { state } = runtime
  const word: OrderEventRecord = { event, orderId, time, type: 'order-event' }
  const id = recordId(state, word)
  const terms = bookedTerms(runtime, header)
  const execution = applicable(id, () => prepareExecution(state, terms === undefined ? word : { ...word, ...terms }))
  const effect = execution.book()
  const { entry } = effect
  try {
    if (entry === undefined) appendLine(runtime, { id, kind: 'order', payload: word, time })
    else {
      const { side } = header.request
      const payload: OrderEventRecord = { entry, event, orderId, side, time, type: 'order-event' }
      appendLine(runtime, {
        id,
        kind: 'ledger',
        payload: terms === undefined ? payload : { ...payload, ...terms },
        time,
      })
    }
  } catch (thrown) {
    execution.takeBack()
    throw thrown
  }
  execution.put()
  tellEntry(runtime, entry)
  return effect
}

function applicable<T>(id: string, prepare: () => T): T {
  try {
    return prepare()
  } catch (thrown) {
    throw new SwarmError({
      code: 'KERNEL_RECORD_INVALID',
      message: `record ${id} cannot be applied and was not journalled: ${messageOf(thrown)}`,
      cause: thrown,
    })
  }
}

/** The broker. Throws `KERNEL_NOT_STARTED` before start. */
export function brokerOf(runtime: KernelRuntime): Broker {
  if (runtime.broker !== undefined) return runtime.broker
  throw new SwarmError({
    code: 'KERNEL_NOT_STARTED',
    message: `the kernel of account ${runtime.state.account} is not started: call start() first`,
  })
}

/** The strictest of the latch and the halts in the books: of the account, and for an order of all scopes that it lies in. */
export function tradingState(
  runtime: KernelRuntime,
  owner?: { readonly strategy: string; readonly agent: string },
): TradingStanding {
  const { risk } = runtime.state
  const narrow = owner !== undefined && (risk.scopedHalts !== undefined || runtime.killSwitch.scopes.size > 0)
  const keys = narrow ? keysOf(subjectOf(runtime, owner)) : noKeys
  return standingIn(runtime, keys)
}

/** How trading stands in a scope: no better than in the account. */
export function tradingStateIn(runtime: KernelRuntime, scope: HaltScope | undefined): TradingStanding {
  return standingIn(runtime, scope === undefined ? noKeys : [scopeKey(scope)])
}

const noKeys: readonly string[] = []

function standingIn(runtime: KernelRuntime, keys: readonly string[]): TradingStanding {
  const { killSwitch, state } = runtime
  const { risk } = state
  const booked =
    keys.length === 0
      ? tradingStateOf(risk.halts)
      : tradingStateOf(risk.halts, ...keys.map((key) => haltsIn(risk, key)))
  const lapsed = runtime.broker === undefined ? undefined : runtime.lease?.lapsed()
  const isStopped = killSwitch.engaged() || runtime.frozen !== undefined || runtime.failed || lapsed !== undefined
  if (!isStopped && keys.length === 0) return booked
  const extra: string[] = []
  if (killSwitch.engaged() && risk.halts['kill-switch'] === undefined) extra.push(killSwitch.reason())
  for (const key of keys) {
    const reason = killSwitch.scopes.get(key)
    if (reason !== undefined && haltsIn(risk, key)['kill-switch'] === undefined) extra.push(reason)
  }
  if (runtime.frozen !== undefined && risk.halts.freeze === undefined) extra.push(runtime.frozen)
  if (runtime.failed) extra.push('the journal failed')
  if (lapsed !== undefined) extra.push(lapsed)
  return extra.length === 0 ? booked : { state: 'halted', reasons: [...extra, ...booked.reasons] }
}

/** Whose an order or a position is, as far as halts go. */
export function subjectOf(
  { venue }: KernelRuntime,
  { strategy, agent }: { readonly strategy: string; readonly agent: string },
): HaltSubject {
  return { venue, strategy, agent }
}

/** Whether this instance may not speak to the venue at all, not even to cancel: the account is another's. */
export function isFenced(runtime: KernelRuntime): boolean {
  return runtime.stopped || runtime.lease?.lapsed() !== undefined
}

/** Throws `PERMIT_FENCED` where {@link isFenced}. */
export function assertNotFenced(runtime: KernelRuntime): void {
  if (!isFenced(runtime)) return
  throw new SwarmError({
    code: 'PERMIT_FENCED',
    message: `nothing is sent to account ${runtime.state.account}: ${runtime.lease?.lapsed() ?? 'the kernel was stopped'}`,
  })
}

/** Why nothing at all may leave now, not even an exit. */
export function nothingSent(runtime: KernelRuntime): Standing['nothingSent'] {
  if (runtime.frozen !== undefined) return { code: 'PERMIT_FROZEN', reason: `the account is frozen: ${runtime.frozen}` }
  if (runtime.stopped) return { code: 'PERMIT_FENCED', reason: 'the kernel was stopped' }
  const lapsed = runtime.lease?.lapsed()
  if (lapsed !== undefined) return { code: 'PERMIT_FENCED', reason: lapsed }
  return undefined
}

/** Cash and holdings at the last prices; undefined while one has none. */
export function equityOf(runtime: KernelRuntime): Decimal | undefined {
  const { state, market } = runtime
  const equity = state.ledger.equity(market.priceOf, (currency) => rateOf(runtime, currency), market.repriced)
  market.repriced.clear()
  return equity
}

/** Open orders of a symbol, oldest first. The list stays what it is when they change. */
export function openOrdersOf(runtime: KernelRuntime, symbol: string): readonly OrderRecord[] {
  return runtime.state.index.openOrders.of(symbol)
}

/** Puts an alert among what is to be told. */
export function alert(runtime: KernelRuntime, code: string, message: string, symbol?: string): void {
  runtime.logger.warn('kernel alert', { code, message, ...(symbol === undefined ? {} : { symbol }) })
  runtime.outbox.push({
    type: 'alert',
    code,
    message,
    time: runtime.clock.now(),
    ...(symbol === undefined ? {} : { symbol }),
  })
}

/** Tells of an order as it is now, and returns it; undefined where there is none. */
export function tellOrder(runtime: KernelRuntime, orderId: string): OrderRecord | undefined {
  const order = runtime.state.orders.get(orderId)
  if (order === undefined) return undefined
  const { intentId, purpose, request, correlationId, causationId, parentOrderId } = order.header
  const event = {
    type: 'order',
    orderId,
    intentId,
    symbol: request.symbol,
    side: request.side,
    purpose,
    status: order.state.status,
    filledQuantity: order.state.filledQuantity,
    correlationId,
    causationId,
    time: runtime.clock.now(),
  } as const
  const { rejection } = order.state
  if (order.state.status === 'rejected' && rejection !== undefined) {
    runtime.logger.warn('the venue rejected an order', { orderId, symbol: request.symbol, ...rejection })
    runtime.outbox.push({ ...event, ...(parentOrderId === undefined ? {} : { parentOrderId }), rejection })
    return order
  }
  runtime.outbox.push(parentOrderId === undefined ? event : { ...event, parentOrderId })
  return order
}
