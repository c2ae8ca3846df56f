import type {
  BrokerEvent,
  Halt,
  HaltCause,
  HaltScope,
  KernelRecord,
  LedgerEvent,
  OrderHeader,
  PendingApproval,
  RiskPolicy,
} from '@tradeswarm/trading'
import type { ContractTerms } from '../contract-terms.js'
import { type Exact, exact, times } from '../exact.js'
import type { ContractTrade } from './folded-contract.js'
import { foldCross } from './folded-cross.js'
import { correctFill, figuresOf, moveFill } from './folded-fill.js'
import { type FoldedOrder, foldedOrder, hear } from './folded-order.js'
import { type FoldedUnits, moveUnits, type Side, sideOf, unitsOf } from './folded-units.js'

/** The books as a naive reader adds them up from the records alone. */
export type JournalFold = {
  readonly orders: Map<string, FoldedOrder>
  readonly byClientOrderId: Map<string, FoldedOrder>
  /** Those of the account. */
  readonly halts: Map<HaltCause, Halt['state']>
  /** Those of narrower scopes, by kind and name. */
  readonly scoped: Map<string, Map<HaltCause, Halt['state']>>
  /** Symbols of which all is to be left, until somebody enters anew: what the venue brings back of what was left, and what nobody wanted, too. */
  readonly toLeave: Set<string>
  /** On which side a symbol was last held, in whole lots. */
  readonly lastSide: Map<string, Side>
  /** The side of positions that an entry with exits has opened, or taken through zero, while they last: they have exits, whatever is said of them. */
  readonly planned: Map<string, Side>
  /** Below this nothing of a symbol can be left or covered. */
  readonly lots: ReadonlyMap<string, Exact>
  /** What is a contract, and how it counts. */
  readonly contracts: ReadonlyMap<string, ContractTerms>
  /** What was executed of each, in the order of booking. */
  readonly contractTrades: Map<string, ContractTrade[]>
  /** Orders that wait for a person, by their tokens. */
  readonly approvals: Map<string, PendingApproval>
  haltEpoch: number
  policy: RiskPolicy | undefined
  policyVersion: number
  /** Of the account. */
  currency: string
  readonly cashIn: Map<string, Exact>
  /** In the account's currency. */
  readonly cash: Exact
  readonly positions: Map<string, Exact>
  /** What a symbol is paid for in, where that is not the account's currency. */
  readonly settles: Map<string, string>
  /** Bookings by their key. */
  readonly booked: Map<string, LedgerEvent>
  /** What a correction has put in the place of an execution's figures, by its trade; before it was booked too. */
  readonly corrected: Map<string, Extract<LedgerEvent, { type: 'correction' }>>
  /** Crosses between two agents, by their ids. */
  readonly crosses: Set<string>
  /** What was booked twice, if anything. */
  readonly bookedTwice: string[]
  /** Whatever has moved units of a symbol, and its splits: by their own time, whenever they were told. */
  readonly units: Map<string, FoldedUnits>
  apply(record: KernelRecord): void
}

/** Empty books of instruments with such lots, some of which are contracts. */
export function createJournalFold(
  lots: ReadonlyMap<string, Exact> = new Map(),
  contracts: JournalFold['contracts'] = new Map(),
): JournalFold {
  const fold: JournalFold = {
    orders: new Map(),
    byClientOrderId: new Map(),
    halts: new Map(),
    scoped: new Map(),
    toLeave: new Set(),
    lastSide: new Map(),
    planned: new Map(),
    lots,
    contracts,
    contractTrades: new Map(),
    approvals: new Map(),
    haltEpoch: 0,
    policy: undefined,
    policyVersion: 1,
    currency: '',
    cashIn: new Map(),
    get cash() {
      return fold.cashIn.get(fold.currency) ?? 0n
    },
    positions: new Map(),
    settles: new Map(),
    booked: new Map(),
    corrected: new Map(),
    crosses: new Set(),
    bookedTwice: [],
    units: new Map(),
    apply(record) {
      switch (record.type) {
        case 'account-opened':
          fold.policy = record.policy
          fold.currency = record.currency
          return
        case 'order-assessed': {
          const { parentOrderId, currency, request } = record.header
          if (currency !== undefined) fold.settles.set(request.symbol, currency)
          const parent = parentOrderId === undefined ? undefined : fold.orders.get(parentOrderId)
          const order = foldedOrder(record, parent, contracts.get(request.symbol)?.multiplier)
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
          if (order === undefined) return
          order.permit = record.permit
          order.reservation = record.reservation ?? order.reservation
          return
        }
        case 'order-event': {
          const order = fold.orders.get(record.orderId)
          if (order === undefined) return
          hear(order, record.event)
          if (record.entry !== undefined && record.event.type === 'filled') book(fold, fillOf(order, record.event))
          return
        }
        case 'crossed':
          foldCross(fold, record.cross, record.time)
          return
        case 'booked':
          book(fold, record.event)
          return
        case 'halted':
          haltsOf(fold, record.scope).set(record.cause, record.state)
          fold.haltEpoch += 1
          return
        case 'resumed':
          for (const cause of record.causes) haltsOf(fold, record.scope).delete(cause)
          fold.haltEpoch += 1
          return
        case 'flattened': {
          const halts = haltsOf(fold, record.scope)
          if (halts.get('operator') !== 'halted') halts.set('operator', 'reducing')
          for (const symbol of record.symbols) if ((fold.positions.get(symbol) ?? 0n) !== 0n) fold.toLeave.add(symbol)
          fold.haltEpoch += 1
          return
        }
        case 'approval-requested':
          fold.approvals.set(record.approval.token, record.approval)
          return
        case 'approval-settled':
          fold.approvals.delete(record.token)
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

function fillOf({ header }: FoldedOrder, event: Extract<BrokerEvent, { type: 'filled' }>): LedgerEvent {
  const { account, symbol, side } = header.request
  const { tradeId, price, quantity, fee, feeCurrency, realised } = event.execution
  const figures = { tradeId, price, quantity, fee, feeCurrency }
  const { eventId, time } = event
  return {
    type: 'fill',
    eventId,
    time,
    account,
    symbol,
    side,
    asset: header.asset,
    orderId: header.orderId,
    ...figures,
    ...(header.currency === undefined ? {} : { currency: header.currency }),
    ...(realised === undefined ? {} : { realised }),
  }
}

/** A scope in a word; the account's is empty. */
export function scopeName(scope: HaltScope | undefined): string {
  return scope === undefined ? '' : Object.entries(scope).flat().join(' ')
}

function haltsOf(fold: JournalFold, scope: HaltScope | undefined): Map<HaltCause, Halt['state']> {
  if (scope === undefined) return fold.halts
  const known = fold.scoped.get(scopeName(scope)) ?? new Map<HaltCause, Halt['state']>()
  fold.scoped.set(scopeName(scope), known)
  return known
}

/** The scopes that an order lies in, the account's first. */
export function scopesOf({ agent, strategy }: Pick<OrderHeader, 'agent' | 'strategy'>): readonly string[] {
  return ['', `agent ${agent}`, `strategy ${strategy}`, 'venue simulated']
}

/** Whether anything holds entries of an owner back. */
export function isHeldBack(fold: JournalFold, owner: Pick<OrderHeader, 'agent' | 'strategy'>): boolean {
  if (fold.halts.size > 0) return true
  return scopesOf(owner).some((scope) => (fold.scoped.get(scope)?.size ?? 0) > 0)
}

function book(fold: JournalFold, event: LedgerEvent): void {
  takeIn(fold, event)
  if (!('symbol' in event)) return
  const { symbol } = event
  const side = sideOf(fold, symbol)
  if (fold.planned.get(symbol) !== side) fold.planned.delete(symbol)
  if (side === undefined) return
  // What an entry has opened has exits; what a change, or an exit too many, has made of it on the other side nobody wanted.
  const isTurned = fold.lastSide.get(symbol) !== undefined && fold.lastSide.get(symbol) !== side
  if (isTurned && isUnasked(fold, event)) fold.toLeave.add(symbol)
  fold.lastSide.set(symbol, side)
}

function isUnasked(fold: JournalFold, event: LedgerEvent): boolean {
  if (event.type !== 'fill') return event.type === 'bust' || event.type === 'correction' || event.type === 'split'
  return fold.orders.get(event.orderId)?.header.request.reduceOnly === true
}

function takeIn(fold: JournalFold, event: LedgerEvent): void {
  const isTrade = event.type === 'fill' || event.type === 'bust'
  const key = isTrade ? `${event.type} ${event.symbol} ${event.tradeId}` : `${event.type} ${event.eventId}`
  if (fold.booked.has(key)) fold.bookedTwice.push(key)
  fold.booked.set(key, event)
  const add = (amount: Exact): void => {
    const currency = ('currency' in event ? event.currency : undefined) ?? fold.currency
    fold.cashIn.set(currency, (fold.cashIn.get(currency) ?? 0n) + amount)
  }
  switch (event.type) {
    case 'deposit':
    case 'interest':
    case 'funding':
      add(exact(event.amount))
      return
    case 'transfer':
      if ('amount' in event) add(exact(event.amount))
      return
    case 'fee':
    case 'withdrawal':
    case 'borrow':
      add(-exact(event.amount))
      return
    case 'dividend':
      add(times(exact(event.quantity), exact(event.amountPerUnit)))
      return
    case 'adoption':
      moveUnits(fold, event.symbol, event.time, exact(event.quantity))
      return
    case 'split': {
      const { symbol, time, numerator, denominator } = event
      unitsOf(fold, symbol).splits.push({ time, numerator: BigInt(numerator), denominator: BigInt(denominator) })
      moveUnits(fold, symbol, time, 0n)
      return
    }
    case 'fill': {
      const known = fold.corrected.get(`${event.symbol} ${event.tradeId}`)
      const fill = known === undefined ? event : { ...event, ...figuresOf(known) }
      fold.booked.set(key, fill)
      if (!fold.booked.has(`bust ${event.symbol} ${event.tradeId}`)) moveFill(fold, fill, 1n)
      return
    }
    case 'correction':
      correctFill(fold, event)
      return
    case 'bust': {
      const fill = fold.booked.get(`fill ${event.symbol} ${event.tradeId}`)
      if (fill?.type === 'fill') moveFill(fold, fill, -1n)
      return
    }
    default:
  }
}
