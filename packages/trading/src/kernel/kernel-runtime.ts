import { type Clock, type Ids, type Logger, messageOf, SwarmError } from '@tradeswarm/core'
import type { TradingCalendar } from '../instruments/trading-calendar.js'
import { type Decimal, decimal } from '../money/decimal.js'
import type { Broker } from '../orders/broker.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { KillSwitch } from '../risk/kill-switch.js'
import type { RiskAuthority } from '../risk/risk-authority.js'
import { tradingStateOf } from '../risk/risk-state.js'
import { applyKernelRecord, type KernelEffect, prepareKernelRecord } from './apply-kernel-record.js'
import type { KernelEvent, KernelJournal, TradingState } from './kernel.js'
import { type KernelJournalEntry, type KernelRecord, recordKind } from './kernel-record.js'
import type { KernelState } from './kernel-state.js'
import type { MarketBook } from './market-book.js'
import { recordId } from './record-id.js'

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
  /** Set by start. */
  broker: Broker | undefined
  reconciled: boolean
  /** What the last comparison with the venue told. */
  toldDifferences: ReadonlySet<string>
  /** The journal refused an entry: nothing is sent any more that adds exposure. */
  failed: boolean
  /** What is to be told when the books are right. */
  readonly outbox: KernelEvent[]
  /** Lines of bookings that the journal refused: the books hold them, so they go before anything else that is written. */
  readonly unwritten: KernelJournalEntry[]
  /** Orders whose cancel got no answer: the venue is asked what became of it. */
  readonly unansweredCancels: Set<string>
  /** When the venue was last asked about an unknown order. */
  readonly askedAt: Map<string, number>
  /** Since when a symbol has units without an acknowledged stop, and whether that was told. */
  readonly uncovered: Map<string, { readonly since: number; alerted: boolean }>
}

/**
 * Journals a record and changes the state by it. A record that cannot be applied is not journalled, and changes nothing.
 * When the journal refuses, entries stop for good: what is not written did not happen.
 * Throws `KERNEL_RECORD_INVALID`, `KERNEL_JOURNAL_FAILED`, and what the ledger throws of an event that it does not take.
 */
export function commit(runtime: KernelRuntime, record: KernelRecord): KernelEffect {
  const { state, journal } = runtime
  const line = { kind: recordKind(record), id: recordId(state, record), time: record.time }
  const append = (payload: unknown): void => {
    try {
      for (let late = runtime.unwritten[0]; late !== undefined; late = runtime.unwritten[0]) {
        journal.append(late)
        runtime.unwritten.shift()
      }
      journal.append({ ...line, payload })
    } catch (thrown) {
      runtime.failed = true
      throw new SwarmError({
        code: 'KERNEL_JOURNAL_FAILED',
        message: `the journal did not take ${line.kind} entry ${line.id}: ${messageOf(thrown)}; no more entries are sent`,
        cause: thrown,
      })
    }
  }
  if (record.type === 'booked') {
    const effect = applyKernelRecord(state, record)
    if (effect.entry === undefined) return effect
    const payload = { ...record, entry: effect.entry }
    try {
      append(payload)
    } catch (thrown) {
      runtime.unwritten.push({ ...line, payload })
      throw thrown
    }
    return effect
  }
  const apply = prepared(state, record, line.id)
  append(record)
  return apply()
}

function prepared(state: KernelState, record: KernelRecord, id: string): () => KernelEffect {
  try {
    return prepareKernelRecord(state, record)
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

/** The strictest of the latch and the halts in the books. */
export function tradingState(runtime: KernelRuntime): {
  readonly state: TradingState
  readonly reasons: readonly string[]
} {
  const booked = tradingStateOf(runtime.state.risk.halts)
  const extra: string[] = []
  if (runtime.killSwitch.engaged() && runtime.state.risk.halts['kill-switch'] === undefined)
    extra.push(runtime.killSwitch.reason())
  if (runtime.failed) extra.push('the journal failed')
  return extra.length === 0 ? booked : { state: 'halted', reasons: [...extra, ...booked.reasons] }
}

/** Cash and holdings at the last prices; undefined while one has none. */
export function equityOf(runtime: KernelRuntime): Decimal | undefined {
  const valuation = runtime.state.ledger.valuation((symbol) => runtime.market.priceText(symbol))
  return valuation.status === 'priced' ? decimal(valuation.equity) : undefined
}

/** Open orders of a symbol, oldest first. */
export function openOrdersOf(runtime: KernelRuntime, symbol: string): readonly OrderRecord[] {
  const ids = runtime.state.index.openOrders.get(symbol)
  if (ids === undefined) return []
  const orders: OrderRecord[] = []
  for (const id of ids) {
    const order = runtime.state.orders.get(id)
    if (order !== undefined) orders.push(order)
  }
  return orders
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

/** Tells of an order as it is now. */
export function tellOrder(runtime: KernelRuntime, orderId: string): void {
  const order = runtime.state.orders.get(orderId)
  if (order === undefined) return
  const { intentId, purpose, request, correlationId, causationId } = order.header
  runtime.outbox.push({
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
  })
}
