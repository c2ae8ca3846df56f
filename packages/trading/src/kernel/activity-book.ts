import type { EpochMs } from '@tradeswarm/core'
import type { SessionDate } from '../instruments/trading-calendar.js'
import type { BookedFigures } from '../ledger/ledger-port.js'
import { converted } from '../ledger/ledger-valuation.js'
import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import type { Execution } from '../orders/broker.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import { executionOf } from '../orders/order-state.js'
import { inUnitsAfter } from '../protection/split-amounts.js'
import {
  type ActivityView,
  isPrincipal,
  type RateLevel,
  type RecentEntry,
  type RecentExecution,
  type RecentResult,
  rateKey,
  rememberedEvents,
  takenFrom,
} from '../risk/activity-view.js'
import type { RiskPolicy } from '../risk/risk-policy.js'
import { positionResult } from '../statistics/position-result.js'
import type { ClosedPosition } from './kernel.js'
import type { KernelEffect } from './kernel-effect.js'
import type { KernelRecord } from './kernel-record.js'
import type { KernelState } from './kernel-state.js'
import { createPrincipalBook } from './principal-book.js'
import { RecentEvents } from './recent-events.js'
import { SymbolMarks } from './symbol-marks.js'

/** Sessions that day trades are counted over at most. */
const rememberedSessions = 20

type Principal = NonNullable<RiskPolicy['principals']>[number]

type Bucket = { level: RateLevel }

/** Who takes tokens under a policy, and the bucket that they are taken from, once there is one. */
type Counter = {
  readonly principal: Pick<Principal, 'agent' | 'strategy'>
  readonly key: string
  readonly intervalMs: number
  bucket: Bucket | undefined
}

type SymbolBook = {
  readonly entries: RecentEvents<RecentEntry>
  readonly executions: RecentEvents<RecentExecution>
  readonly results: RecentEvents<RecentResult>
}

/** What the account did lately: a fold of the kernel's records, bounded, in the snapshot. */
export type ActivityBook = ActivityView & {
  /** Follows a record that has just been applied. Never throws. */
  take(state: KernelState, record: KernelRecord, effect: KernelEffect): void
  /** Symbols whose position or open orders have changed since somebody emptied it; no part of the snapshot. */
  readonly touched: SymbolMarks
  /** Securities that were entered in this session and not left since. */
  readonly enteredToday: ReadonlySet<string>
  /** Plain JSON; it stays what it is when the book goes on. */
  snapshot(): unknown
  /** Goes on from a snapshot; the orders must be in the state already. Undefined: from one that was taken before there was a book. */
  restore(snapshot: unknown, orders: Iterable<OrderRecord>): void
}

/** What was booked, and the rate at which a foreign currency counts in it. */
type Booked = Pick<Extract<KernelRecord, { type: 'booked' }>, 'event' | 'orderId' | 'time'> & {
  readonly rate?: string | undefined
}

type Streaks = 'lossStreak' | 'lastLossAt' | 'rejectionStreak' | 'lastRejectionAt'
type MutableStreaks = { -readonly [Key in Streaks]: ActivityView[Key] }

type Shape = {
  readonly symbols: readonly (readonly [
    string,
    readonly RecentEntry[],
    readonly RecentExecution[],
    readonly (readonly [EpochMs, string])[],
  ])[]
  readonly rates: readonly (readonly [string, RateLevel])[]
  readonly losses: readonly [streak: number, last: EpochMs | null]
  readonly rejections: readonly [streak: number, last: EpochMs | null]
  readonly stopOuts: readonly EpochMs[]
  readonly sessions: readonly SessionDate[]
  readonly dayTrades: readonly SessionDate[]
  readonly entered: readonly string[]
  readonly principals: unknown
  /** Absent where nothing was booked in another currency than the account's. */
  readonly conversions?: readonly (readonly [currency: string, rate: string])[]
}

/** A book of an account that has done nothing. */
export function createActivityBook(): ActivityBook {
  const symbols = new Map<string, SymbolBook>()
  const rates = new Map<string, Bucket>()
  const principals = createPrincipalBook()
  const touched = new SymbolMarks()
  const stopOuts: EpochMs[] = []
  const sessions: SessionDate[] = []
  const dayTrades: SessionDate[] = []
  /** Symbols that were entered in this session and not left since. */
  const entered = new Set<string>()
  /** The last rate of each foreign currency that a record has told. */
  const conversions = new Map<string, string>()

  const symbolBook = (symbol: string): SymbolBook => {
    let book = symbols.get(symbol)
    if (book === undefined) {
      book = { entries: new RecentEvents(), executions: new RecentEvents(), results: new RecentEvents() }
      symbols.set(symbol, book)
    }
    return book
  }

  let counters: { readonly policy: RiskPolicy; readonly all: readonly Counter[] } | undefined
  const countersOf = (policy: RiskPolicy): readonly Counter[] => {
    if (counters?.policy !== policy) counters = { policy, all: newCounters(policy) }
    return counters.all
  }

  /** What an agent asks for takes a token: an order, and each amendment of it. */
  const takeTokens = ({ header }: OrderRecord, time: EpochMs, policy: RiskPolicy): void => {
    const { agent, strategy, purpose } = header
    if (purpose !== 'entry' && purpose !== 'exit-intent') return
    for (const counter of countersOf(policy)) {
      if (!isPrincipal(counter.principal, agent, strategy)) continue
      counter.bucket ??= rates.get(counter.key)
      const level = takenFrom(counter.bucket?.level, time, counter.intervalMs)
      if (counter.bucket !== undefined) counter.bucket.level = level
      else {
        counter.bucket = { level }
        rates.set(counter.key, counter.bucket)
      }
    }
  }

  const takePermitted = (order: OrderRecord, time: EpochMs, policy: RiskPolicy): void => {
    takeTokens(order, time, policy)
    const { purpose, request } = order.header
    if (purpose === 'entry')
      symbolBook(request.symbol).entries.push({ time, side: request.side, quantity: request.quantity })
  }

  /** An amount of a currency in that of the account, at the last rate that was told of it. Nothing where none ever was. */
  const inBase = (currency: string | undefined, amount: Decimal): Decimal =>
    currency === undefined ? amount : converted(amount, decimal(conversions.get(currency) ?? '0'))

  const takeClosed = (position: ClosedPosition): void => {
    const result = inBase(position.currency, positionResult(position))
    symbolBook(position.symbol).results.push({ time: position.closedAt, result })
    if (!result.lt(zero)) {
      book.lossStreak = 0
      return
    }
    book.lossStreak += 1
    book.lastLossAt = position.closedAt
    if (position.exitReason === 'stop') keep(stopOuts, position.closedAt)
  }

  const takeBooking = (
    state: KernelState,
    { event, orderId, time, rate }: Booked,
    { entry, closed, overtaken, figures }: KernelEffect,
  ): void => {
    if (entry === undefined) return
    if (event.type === 'split') {
      touched.add(event.symbol)
      principals.takeSplit(event.symbol, state.ledger.units(event.symbol))
    }
    if (event.type === 'adoption') touched.add(event.symbol)
    const header = orderId === undefined ? undefined : state.orders.get(orderId)?.header
    if (header === undefined || !('tradeId' in event)) return
    const { symbol, side } = header.request
    touched.add(symbol)
    if (entry.postings.length === 0) return
    const { purpose, currency, multiplier } = header
    const { agent, strategy } = ownerOf(state, header)
    if (currency !== undefined && rate !== undefined) conversions.set(currency, rate)
    const worthOf = (price: Decimal): Decimal =>
      inBase(currency, multiplier === undefined ? price : price.times(decimal(multiplier)))
    const after = figures?.after ?? decimal(entry.quantityAfter ?? '0')
    const fee = inBase(currency, figures?.fee ?? decimal(entry.fee ?? '0'))
    const isBuy = side === 'buy'
    if (event.type !== 'fill') {
      const orderState = state.orders.get(header.orderId)?.state
      const told = orderState === undefined ? undefined : executionOf(orderState, event.tradeId)
      const { price } = event.type === 'correction' ? event : (told ?? { price: '0' })
      const realised = inBase(currency, decimal(entry.realised ?? '0'))
      principals.takeBust({ symbol, agent, strategy, isBuy, price: worthOf(decimal(price)), fee, after, realised })
    } else {
      const { price, quantity } = figures ?? amountsOf(overtaken === undefined ? event : inUnitsAfter(event, overtaken))
      const closedUnits = figures?.closed ?? decimal(entry.closedQuantity ?? '0')
      principals.takeExecution({
        symbol,
        agent,
        strategy,
        isBuy,
        price: worthOf(price),
        quantity,
        fee,
        closed: closedUnits,
        after,
      })
      if (purpose === 'entry') symbolBook(symbol).executions.push({ time, side, strategy })
      // A day trade is of a security, and those are counted by their own symbol.
      if (header.asset === symbol) noteDayTrade(symbol, purpose === 'entry')
    }
    if (closed !== undefined) takeClosed(closed)
  }

  /** The entry is executed, as far as what counts executions goes; the account has traded nothing, so that no day trade comes of it. */
  const takeCross = (state: KernelState, { cross, time }: Extract<KernelRecord, { type: 'crossed' }>): void => {
    const { symbol, buy, sell } = cross
    for (const { orderId, crossedOrderId } of [buy, sell]) {
      takeOrder(state, orderId)
      if (crossedOrderId !== orderId) takeOrder(state, crossedOrderId)
    }
    const isLong = state.orders.get(sell.orderId)?.header.request.reduceOnly === true
    const [from, to] = isLong ? [sell, buy] : [buy, sell]
    const [quantity, price] = [decimal(cross.quantity), decimal(cross.price)]
    principals.takeCross({ symbol, isLong, from, to, quantity, price })
    symbolBook(symbol).executions.push({ time, side: isLong ? 'buy' : 'sell', strategy: to.strategy })
  }

  const noteDayTrade = (symbol: string, isEntry: boolean): void => {
    const today = sessions.at(-1)
    if (isEntry) entered.add(symbol)
    else if (entered.delete(symbol) && today !== undefined) keep(dayTrades, today)
  }

  const takeOrder = (state: KernelState, orderId: string): OrderRecord | undefined => {
    const order = state.orders.get(orderId)
    if (order === undefined) return undefined
    touched.add(order.header.request.symbol)
    principals.takeOrder(order)
    return order
  }

  const book: Omit<ActivityBook, Streaks> & MutableStreaks = {
    touched,
    enteredToday: entered,
    symbol: (symbol) => symbols.get(symbol),
    rate: (key) => rates.get(key)?.level,
    // No getters: an object literal that has one is slow at each look at any of it.
    lossStreak: 0,
    lastLossAt: undefined,
    stopOuts,
    rejectionStreak: 0,
    lastRejectionAt: undefined,
    dayTrades(count) {
      const first = sessions[Math.max(0, sessions.length - count)]
      if (first === undefined) return 0
      let trades = 0
      for (const date of dayTrades) if (date >= first) trades += 1
      return trades
    },
    principals: principals.uses,
    holdings: (symbol) => principals.holdings(symbol),
    take(state, record, effect) {
      switch (record.type) {
        case 'order-assessed': {
          const order = takeOrder(state, record.header.orderId)
          // A child was counted with its parent.
          if (order !== undefined && order.header.parentOrderId === undefined && record.verdict.permit !== undefined)
            takePermitted(order, record.time, state.risk.policy)
          return
        }
        case 'order-amended': {
          const order = takeOrder(state, record.orderId)
          if (order !== undefined) takeTokens(order, record.time, state.risk.policy)
          return
        }
        case 'permit-renewed':
          if (record.reservation !== undefined) takeOrder(state, record.orderId)
          return
        case 'order-event': {
          const parentOrderId = takeOrder(state, record.orderId)?.header.parentOrderId
          if (parentOrderId !== undefined) takeOrder(state, parentOrderId)
          const { type } = record.event
          if (type === 'rejected' || type === 'submission-failed') {
            book.rejectionStreak += 1
            book.lastRejectionAt = record.time
          } else if (type === 'accepted' || type === 'filled') book.rejectionStreak = 0
          if (effect.fill !== undefined)
            takeBooking(
              state,
              { event: effect.fill, orderId: record.orderId, rate: record.rate, time: record.time },
              effect,
            )
          return
        }
        case 'booked':
          takeBooking(state, record, effect)
          return
        case 'crossed':
          takeCross(state, record)
          return
        case 'trip-ended':
          if (effect.closed !== undefined) takeClosed(effect.closed)
          return
        case 'session-started':
          sessions.push(record.sessionDate)
          if (sessions.length > rememberedSessions) sessions.shift()
          entered.clear()
          return
        case 'policy-changed':
          forgetRates(rates, record.policy)
          counters = undefined
          return
        default:
          return
      }
    },
    snapshot(): Shape {
      return {
        symbols: [...symbols].map(([symbol, { entries, executions, results }]) => [
          symbol,
          entries.toArray(),
          executions.toArray(),
          results.toArray().map(({ time, result }) => [time, decimalText(result)]),
        ]),
        rates: [...rates].map(([key, { level }]) => [key, level]),
        losses: [book.lossStreak, book.lastLossAt ?? null],
        rejections: [book.rejectionStreak, book.lastRejectionAt ?? null],
        stopOuts: [...stopOuts],
        sessions: [...sessions],
        dayTrades: [...dayTrades],
        entered: [...entered],
        principals: principals.snapshot(),
        ...(conversions.size === 0 ? {} : { conversions: [...conversions] }),
      }
    },
    restore(snapshot, orders) {
      if (snapshot !== undefined) {
        const shape = snapshot as Shape
        for (const [symbol, entries, executions, results] of shape.symbols) {
          symbols.set(symbol, {
            entries: new RecentEvents(entries),
            executions: new RecentEvents(executions),
            results: new RecentEvents(results.map(([time, result]) => ({ time, result: decimal(result) }))),
          })
        }
        for (const [key, level] of shape.rates) rates.set(key, { level })
        counters = undefined
        book.lossStreak = shape.losses[0]
        book.lastLossAt = shape.losses[1] ?? undefined
        book.rejectionStreak = shape.rejections[0]
        book.lastRejectionAt = shape.rejections[1] ?? undefined
        stopOuts.push(...shape.stopOuts)
        sessions.push(...shape.sessions)
        dayTrades.push(...shape.dayTrades)
        for (const symbol of shape.entered) entered.add(symbol)
        principals.restore(shape.principals)
        for (const [currency, rate] of shape.conversions ?? []) conversions.set(currency, rate)
      }
      for (const order of orders) {
        touched.add(order.header.request.symbol)
        principals.takeOrder(order)
      }
    },
  }
  return book
}

function amountsOf({
  price,
  quantity,
}: Pick<Execution, 'price' | 'quantity'>): Pick<BookedFigures, 'price' | 'quantity'> {
  return { price: decimal(price), quantity: decimal(quantity) }
}

/** Whose an execution is: the legs of a position that was taken over by a cross stay where they are, and work for whoever has it now. */
function ownerOf(state: KernelState, header: OrderHeader): { readonly agent: string; readonly strategy: string } {
  if (header.purpose === 'entry' || header.purpose === 'exit-intent') return header
  const trip = state.trips.get(header.request.symbol)
  return trip?.crossIds === undefined ? header : trip
}

function keep<T>(events: T[], event: T): void {
  events.push(event)
  if (events.length > rememberedEvents) events.shift()
}

/** Of the whole account, and of each principal whose rate is limited. */
function newCounters({ maxOrderRate, principals = [] }: RiskPolicy): readonly Counter[] {
  const counters: Counter[] = []
  if (maxOrderRate !== undefined)
    counters.push({ principal: {}, key: '', intervalMs: maxOrderRate.intervalMs, bucket: undefined })
  for (const principal of principals) {
    if (principal.maxOrderRate === undefined) continue
    const { intervalMs } = principal.maxOrderRate
    counters.push({ principal, key: rateKey(principal), intervalMs, bucket: undefined })
  }
  return counters
}

/** Buckets that the policy no longer speaks of are forgotten, so that policies that come and go leave nothing behind. */
function forgetRates(rates: Map<string, Bucket>, policy: RiskPolicy): void {
  const kept = new Set((policy.principals ?? []).map(rateKey))
  if (policy.maxOrderRate !== undefined) kept.add('')
  for (const key of rates.keys()) if (!kept.has(key)) rates.delete(key)
}
