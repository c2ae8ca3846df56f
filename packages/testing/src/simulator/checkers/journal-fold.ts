import type { Halt, HaltCause, KernelRecord, LedgerEvent, RiskPolicy } from '@tradeswarm/trading'
import { type Exact, exact, times } from '../exact.js'
import { foldCross } from './folded-cross.js'
import { type FoldedOrder, foldedOrder, hear } from './folded-order.js'

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
  /** Crosses between two agents, by their ids. */
  readonly crosses: Set<string>
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
    crosses: new Set(),
    bookedTwice: [],
    apply(record) {
      switch (record.type) {
        case 'account-opened':
          fold.policy = record.policy
          return
        case 'order-assessed': {
          const order = foldedOrder(record)
          fold.orders.set(record.header.orderId, order)
          fold.byClientOrderId.set(record.header.request.clientOrderId, order)
          return
        }
        case 'order-amended': {
          const order = fold.orders.get(record.orderId)
          if (order === undefined) return
          order.permit = record.permit
          order.reservation = record.reservation ?? order.reservation
          hear(order, record.event)
          fold.byClientOrderId.set(record.event.by, order)
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
        case 'crossed':
          foldCross(fold, record.cross, record.time)
          return
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
