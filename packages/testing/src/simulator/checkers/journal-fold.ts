import type {
  Execution,
  Halt,
  HaltCause,
  KernelRecord,
  LedgerEvent,
  OrderEvent,
  OrderHeader,
  Permit,
  Reservation,
  RiskPolicy,
} from '@tradeswarm/trading'
import { type Exact, exact, times } from '../exact.js'

/** An order as a naive reader of the journal knows it. */
export type FoldedOrder = {
  readonly header: OrderHeader
  permit: Permit | undefined
  readonly reservation: Reservation | undefined
  readonly words: Set<string>
  readonly executions: Map<string, Execution>
  readonly busted: Set<string>
  readonly cancelRequests: Set<string>
  readonly cancelRejections: Set<string>
  /** Worked out once for each word. */
  status: string | undefined
}

/** The books as a naive reader adds them up from the records alone. */
export type JournalFold = {
  readonly orders: Map<string, FoldedOrder>
  readonly byClientOrderId: Map<string, FoldedOrder>
  readonly halts: Map<HaltCause, Halt['state']>
  haltEpoch: number
  policy: RiskPolicy | undefined
  policyVersion: number
  cash: Exact
  readonly positions: Map<string, Exact>
  /** Bookings by their key. */
  readonly booked: Map<string, LedgerEvent>
  /** What was booked twice, if anything. */
  readonly bookedTwice: string[]
  apply(record: KernelRecord): void
}

/** Empty books. */
export function createJournalFold(): JournalFold {
  const fold: JournalFold = {
    orders: new Map(),
    byClientOrderId: new Map(),
    halts: new Map(),
    haltEpoch: 0,
    policy: undefined,
    policyVersion: 1,
    cash: 0n,
    positions: new Map(),
    booked: new Map(),
    bookedTwice: [],
    apply(record) {
      switch (record.type) {
        case 'account-opened':
          fold.policy = record.policy
          return
        case 'order-assessed': {
          const { permit, reservation } = record.verdict
          const order: FoldedOrder = {
            header: record.header,
            permit,
            reservation,
            words: new Set([permit === undefined ? 'denied' : 'permitted']),
            executions: new Map(),
            busted: new Set(),
            cancelRequests: new Set(),
            cancelRejections: new Set(),
            status: undefined,
          }
          fold.orders.set(record.header.orderId, order)
          fold.byClientOrderId.set(record.header.request.clientOrderId, order)
          return
        }
        case 'permit-renewed': {
          const order = fold.orders.get(record.orderId)
          if (order !== undefined) order.permit = record.permit
          return
        }
        case 'order-event': {
          const order = fold.orders.get(record.orderId)
          if (order !== undefined) hear(order, record.event)
          return
        }
        case 'booked':
          book(fold, record.event)
          return
        case 'halted':
          fold.halts.set(record.cause, record.state)
          fold.haltEpoch += 1
          return
        case 'resumed':
          for (const cause of record.causes) fold.halts.delete(cause)
          fold.haltEpoch += 1
          return
        case 'policy-changed':
          fold.policy = record.policy
          fold.policyVersion += 1
          return
        default:
      }
    },
  }
  return fold
}

function hear(order: FoldedOrder, event: OrderEvent): void {
  order.status = undefined
  switch (event.type) {
    case 'filled':
      order.executions.set(event.execution.tradeId, event.execution)
      return
    case 'busted':
      order.busted.add(event.tradeId)
      return
    case 'cancel-requested':
      order.cancelRequests.add(event.eventId)
      return
    case 'cancel-rejected':
      order.cancelRejections.add(event.eventId)
      return
    default:
      order.words.add(event.type)
  }
}

function book(fold: JournalFold, event: LedgerEvent): void {
  const isTrade = event.type === 'fill' || event.type === 'bust'
  const key = isTrade ? `${event.type} ${event.symbol} ${event.tradeId}` : `${event.type} ${event.eventId}`
  if (fold.booked.has(key)) fold.bookedTwice.push(key)
  fold.booked.set(key, event)
  switch (event.type) {
    case 'deposit':
    case 'interest':
      fold.cash += exact(event.amount)
      return
    case 'fee':
      fold.cash -= exact(event.amount)
      return
    case 'dividend':
      fold.cash += times(exact(event.quantity), exact(event.amountPerUnit))
      return
    case 'fill':
      if (!fold.booked.has(`bust ${event.symbol} ${event.tradeId}`)) moveFill(fold, event, 1n)
      return
    case 'bust': {
      const fill = fold.booked.get(`fill ${event.symbol} ${event.tradeId}`)
      if (fill?.type === 'fill') moveFill(fold, fill, -1n)
      return
    }
    default:
  }
}

function moveFill(fold: JournalFold, fill: Extract<LedgerEvent, { type: 'fill' }>, sign: 1n | -1n): void {
  const direction = fill.side === 'buy' ? sign : -sign
  const quantity = exact(fill.quantity)
  const fee = sign * exact(fill.fee)
  const inAsset = fill.feeCurrency === fill.asset
  fold.cash -= direction * times(exact(fill.price), quantity) + (inAsset ? 0n : fee)
  const held = fold.positions.get(fill.symbol) ?? 0n
  fold.positions.set(fill.symbol, held + direction * quantity - (inAsset ? fee : 0n))
}

/** Sum of the executions that stand. */
export function filledOf(order: FoldedOrder): Exact {
  let sum = 0n
  for (const [tradeId, { quantity }] of order.executions) if (!order.busted.has(tradeId)) sum += exact(quantity)
  return sum
}

/** The status that the words of an order make; written anew from the description of the state table. */
export function foldedStatus(order: FoldedOrder): string {
  order.status ??= statusOf(order)
  return order.status
}

function statusOf(order: FoldedOrder): string {
  const { words, executions } = order
  let executed = 0n
  for (const { quantity } of executions.values()) executed += exact(quantity)
  const any = executions.size > 0
  const venueSpoke =
    any ||
    order.cancelRejections.size > 0 ||
    ['accepted', 'triggered', 'rejected', 'canceled', 'expired'].some((word) => words.has(word))
  if (any && executed >= exact(order.header.request.quantity)) return 'filled'
  if (words.has('canceled') || (words.has('rejected') && any)) return 'canceled'
  if (words.has('expired')) return 'expired'
  if (words.has('rejected') || (words.has('submission-failed') && !venueSpoke)) return 'rejected'
  if (words.has('lapsed') && !venueSpoke) return 'expired'
  if (words.has('submission-unknown') && !venueSpoke) return 'unknown'
  if (order.cancelRequests.size > order.cancelRejections.size) return 'pending-cancel'
  if (filledOf(order) > 0n) return 'partially-filled'
  if (words.has('triggered')) return 'triggered'
  if (venueSpoke) return 'accepted'
  if (words.has('denied')) return 'denied'
  return words.has('submitted') ? 'submitted' : 'permitted'
}

const ended: ReadonlySet<string> = new Set(['denied', 'filled', 'canceled', 'rejected', 'expired'])

/** Whether something may still come of an order. */
export function isFoldedOpen(order: FoldedOrder): boolean {
  return !ended.has(foldedStatus(order))
}

/** What may still be executed. */
export function foldedLeaves(order: FoldedOrder): Exact {
  if (!isFoldedOpen(order)) return 0n
  const left = exact(order.header.request.quantity) - filledOf(order)
  return left > 0n ? left : 0n
}
