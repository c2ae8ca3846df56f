import type { PaperOperator } from '@tradeswarm/broker-paper'
import { type Clock, createSilentLogger, type EpochMs, type Random, type Timers } from '@tradeswarm/core'
import {
  type Broker,
  type BrokerEvent,
  type Decimal,
  decimal,
  decimalText,
  type Execution,
  zero,
} from '@tradeswarm/trading'
import { createOpenGuard } from '../../broker/open-guard.js'
import { DayFees } from './day-fees.js'
import type { FakeAssets, ListedAsset } from './fake-assets.js'
import { FakeLedger } from './fake-ledger.js'
import {
  engineRequest,
  type FakeOrder,
  type FakeOrderStatus,
  type FakeTerms,
  isOpen,
  isWaiting,
  orderJson,
  plainStatusOf,
  rfc3339,
} from './fake-order.js'
import { FakePositions } from './fake-positions.js'
import { fakeUuid } from './fake-uuid.js'
import type { VenueHours } from './venue-hours.js'

/** The account name inside the matching engine. */
export const engineAccount = 'fake-alpaca'

/** One message of the stream of order updates, without its envelope. */
export type TradeUpdate = Readonly<Record<string, unknown>>

export type FakeVenueParts = {
  readonly assets: FakeAssets
  readonly engine: Broker & PaperOperator
  readonly random: Random
  readonly hours: VenueHours
  readonly now: () => EpochMs
  readonly publish: (update: TradeUpdate) => void
  /** Whether regulators charge what shares trade. */
  readonly regulatoryFees: boolean
  /** How long cancels and amendments take from their answer to their effect. */
  readonly cancelDelayMs: number
  readonly replaceDelayMs: number
  readonly timers: Clock & Timers
}

/** Why the engine did not take an order, where it did not. */
export type EngineRefusal = { readonly code: string; readonly message: string }

const atOnce: ReadonlySet<string> = new Set(['ioc', 'fok', 'opg', 'cls'])

/** The orders of the account, kept in step with the matching engine, which knows them by their venue ids. */
export class FakeVenue {
  readonly orders = new Map<string, FakeOrder>()
  readonly byClientId = new Map<string, FakeOrder>()
  readonly positions = new FakePositions()
  readonly ledger: FakeLedger
  readonly dayFees: DayFees
  readonly assets: FakeAssets
  readonly #parts: FakeVenueParts
  readonly #guard = createOpenGuard()
  readonly #answers = new Map<string, Record<string, unknown>>()
  #refusal: EngineRefusal | undefined
  /** Replacements that the engine is being asked for, by their ids. */
  readonly #amending = new Map<string, FakeOrder>()
  /** What cancels the timers of those cancels and amendments that have been answered and are still to take effect. */
  readonly #underWay = new Set<() => void>()
  /** Orders that the engine knows by another id, since they were made smaller there. */
  readonly #reduced = new Map<string, FakeOrder>()

  constructor(parts: FakeVenueParts) {
    this.#parts = parts
    this.assets = parts.assets
    this.ledger = new FakeLedger(parts.random)
    this.dayFees = new DayFees(this.ledger, parts.regulatoryFees)
    parts.engine.subscribe((event) => this.#hear(event))
  }

  /** How many cancels and amendments have been answered and are still to take effect. */
  get underWay(): number {
    return this.#underWay.size
  }

  now(): EpochMs {
    return this.#parts.now()
  }

  newId(): string {
    return fakeUuid(this.#parts.random)
  }

  /** Makes an order and registers it, without placing it. */
  create(terms: FakeTerms, clientOrderId: string, status: FakeOrderStatus, parent?: FakeOrder): FakeOrder {
    const now = this.now()
    const order: FakeOrder = {
      id: this.newId(),
      clientOrderId,
      terms,
      sequence: this.orders.size,
      status,
      filled: zero,
      filledWorth: zero,
      submittedAt: now,
      updatedAt: now,
      expiresAt: this.#parts.hours.expiryOf(terms, now),
      legs: [],
      isPlaced: false,
      ...(parent === undefined ? {} : { parent }),
    }
    parent?.legs.push(order)
    this.#register(order)
    return order
  }

  forget(order: FakeOrder): void {
    for (const one of [order, ...order.legs]) {
      this.orders.delete(one.id)
      this.byClientId.delete(one.clientOrderId)
    }
  }

  /** Gives an order to the engine. Answers what the request is answered with, or why it was not taken. */
  async place(order: FakeOrder): Promise<Record<string, unknown> | EngineRefusal> {
    this.#refusal = undefined
    await this.#parts.engine.place(this.#guard.permit(engineRequest(order.id, order.terms, engineAccount)))
    const refusal = this.#takeRefusal()
    const answer = this.#answers.get(order.id) ?? orderJson(order, true)
    this.#answers.delete(order.id)
    return refusal ?? answer
  }

  /** Asks for an amendment. Answers the order that is to take its place, or why not; it does so when the amendment has come to the exchange. */
  async amend(order: FakeOrder, terms: FakeTerms, clientOrderId: string): Promise<FakeOrder | EngineRefusal> {
    const next = this.#replacementOf(order, terms, clientOrderId)
    const { replaceDelayMs } = this.#parts
    if (replaceDelayMs === 0) return (await this.#amendNow(order, next)) ?? next
    const request = engineRequest(next.id, terms, engineAccount)
    const refusal = this.#parts.engine.refusalOfAmendment(order.engineId ?? order.id, request)
    if (refusal !== undefined) return refusal
    this.#register(next)
    order.status = 'pending_replace'
    order.updatedAt = this.now()
    this.#tell('pending_replace', order)
    this.#tell('pending_new', next)
    this.#after(replaceDelayMs, async () => {
      const refused = isOpen(order) ? await this.#amendNow(order, next) : true
      if (refused !== undefined) this.#refuseReplacement(order, next)
    })
    return next
  }

  #replacementOf(order: FakeOrder, terms: FakeTerms, clientOrderId: string): FakeOrder {
    const now = this.now()
    const from = { submittedAt: now, updatedAt: now, replaces: order.id, isPlaced: false }
    return {
      ...order,
      ...from,
      id: this.newId(),
      clientOrderId,
      terms,
      sequence: this.orders.size,
      status: 'pending_new',
    }
  }

  async #amendNow(order: FakeOrder, next: FakeOrder): Promise<EngineRefusal | undefined> {
    const request = engineRequest(next.id, next.terms, engineAccount)
    this.#amending.set(next.id, next)
    this.#refusal = undefined
    await this.#parts.engine.replace?.(order.engineId ?? order.id, this.#guard.permit(request))
    this.#amending.delete(next.id)
    const refusal = this.#takeRefusal()
    if (refusal !== undefined || order.replacedBy === next.id) return refusal
    return { code: 'ORDER_NOT_OPEN', message: 'it is not open' }
  }

  /** The order has filled or ended before, or may not be amended any more: what was to take its place never comes to be. */
  #refuseReplacement(order: FakeOrder, next: FakeOrder): void {
    const now = this.now()
    if (order.status === 'pending_replace') order.status = plainStatusOf(order)
    next.status = 'rejected'
    next.updatedAt = now
    const words = [
      () => this.#tell('order_replace_rejected', order, { timestamp: rfc3339(now) }),
      () => this.#tell('rejected', next),
    ]
    for (const tell of this.#parts.random.next() < 0.5 ? words : words.reverse()) tell()
  }

  /** Asks for a cancel, which takes effect when it has come to the exchange: what fills before has filled. */
  async requestCancel(order: FakeOrder): Promise<void> {
    const { cancelDelayMs } = this.#parts
    if (cancelDelayMs === 0) return this.cancel(order)
    order.status = 'pending_cancel'
    order.updatedAt = this.now()
    this.#tell('pending_cancel', order)
    this.#after(cancelDelayMs, async () => {
      if (isOpen(order)) await this.cancel(order)
      else if (order.status !== 'canceled')
        this.#tell('order_cancel_rejected', order, { timestamp: rfc3339(this.now()) })
    })
  }

  #after(delayMs: number, act: () => Promise<void>): void {
    const { timers } = this.#parts
    const cancelTimer = timers.at(timers.now() + delayMs, async () => {
      await act()
      this.#underWay.delete(cancelTimer)
    })
    this.#underWay.add(cancelTimer)
  }

  /** Nothing that is under way takes effect any more. */
  close(): void {
    for (const cancelTimer of this.#underWay) cancelTimer()
    this.#underWay.clear()
  }

  async cancel(order: FakeOrder): Promise<void> {
    if (order.isPlaced) await this.#parts.engine.cancel(order.engineId ?? order.id)
    else if (isOpen(order)) this.#end(order, 'canceled', this.now())
  }

  /** Orders that wait for the session turn `new` when it opens. */
  openSession(): void {
    if (!this.#parts.hours.isOpen(this.now())) return
    for (const order of this.orders.values()) if (order.status === 'accepted' && order.isPlaced) this.#becomeNew(order)
  }

  /** What no open order that would leave it holds of a position, long or short; the legs of one group hold it once. */
  available(asset: ListedAsset, except?: FakeOrder): Decimal {
    const position = this.positions.quantity(asset)
    const leaving = position.lt(zero) ? 'buy' : 'sell'
    let held = zero
    for (const order of this.orders.values()) {
      if (order === except || !isOpen(order) || order.terms.asset !== asset || order.terms.side !== leaving) continue
      if (isWaiting(order)) {
        held = held.plus(this.#moreThanBefore(order))
        continue
      }
      if (order.parent !== undefined && order.parent.legs[0] !== order) continue
      if (order.parent?.terms.orderClass === 'oco' || order.status === 'held') continue
      held = held.plus((order.terms.quantity ?? zero).minus(order.filled))
    }
    return position.abs().minus(held)
  }

  /** An order and the one that is to take its place hold what the larger of both does. */
  #moreThanBefore({ terms, replaces = '' }: FakeOrder): Decimal {
    const before = this.orders.get(replaces)?.terms.quantity ?? zero
    const more = (terms.quantity ?? zero).minus(before)
    return more.gt(zero) ? more : zero
  }

  #takeRefusal(): EngineRefusal | undefined {
    const refusal = this.#refusal
    this.#refusal = undefined
    return refusal
  }

  #register(order: FakeOrder): void {
    this.orders.set(order.id, order)
    this.byClientId.set(order.clientOrderId, order)
  }

  #hear(event: BrokerEvent): void {
    const order = this.orders.get(event.clientOrderId) ?? this.#reduced.get(event.clientOrderId)
    if (order === undefined) return
    switch (event.type) {
      case 'accepted':
        this.#accepted(order)
        return
      case 'rejected':
        if (order.parent !== undefined) this.#end(order, 'rejected', event.time)
        else this.#refusal = { code: event.code, message: event.message }
        return
      case 'replace-rejected':
        this.#refusal = { code: event.code, message: event.message }
        return
      case 'replaced':
        this.#replaced(order, event.by, event.time)
        return
      case 'filled':
        this.#filled(order, event.execution, event.time)
        return
      case 'canceled':
        this.#end(order, 'canceled', event.time)
        return
      case 'expired':
        this.#end(order, atOnce.has(order.terms.timeInForce) ? 'canceled' : 'expired', event.time)
        return
      default:
    }
  }

  #accepted(order: FakeOrder): void {
    order.isPlaced = true
    if (order.parent?.terms.orderClass === 'oco') {
      // The stop of a pair is told of as held until it is set off.
      order.status = 'held'
      this.#tell('held', order)
      return
    }
    const isTrading = order.terms.asset.class === 'crypto' || this.#parts.hours.isOpen(this.now())
    order.status = isTrading ? 'pending_new' : 'accepted'
    this.#answers.set(order.id, orderJson(order, true))
    this.#tell(order.status, order)
    if (isTrading) this.#becomeNew(order)
  }

  #becomeNew(order: FakeOrder): void {
    order.status = 'new'
    order.updatedAt = this.now()
    this.#tell('new', order)
  }

  #filled(order: FakeOrder, execution: Execution, time: EpochMs): void {
    const { terms } = order
    const { price, quantity, fee, feeCurrency } = execution
    const [units, at] = [decimal(quantity), decimal(price)]
    order.filled = order.filled.plus(units)
    order.filledWorth = order.filledWorth.plus(units.times(at))
    const isDone = hasFilled(order, at)
    const isChanging = order.status === 'pending_cancel' || order.status === 'pending_replace'
    if (isDone || !isChanging) order.status = isDone ? 'filled' : 'partially_filled'
    order.updatedAt = time
    if (isDone) order.filledAt = time
    const feeUnits = feeCurrency === 'USD' ? zero : decimal(fee)
    const position = this.positions.book(terms.asset, terms.side, units, at, feeUnits)
    this.dayFees.note(terms, execution)
    const executionId = this.ledger.noteFill(order, execution, time)
    this.#tell(isDone ? 'fill' : 'partial_fill', order, {
      execution_id: executionId,
      timestamp: rfc3339(time),
      price,
      qty: quantity,
      position_qty: decimalText(position),
    })
    if (isDone) this.#goOnWithGroup(order)
    else this.#reduceSiblings(order, units)
  }

  /** What one of a pair has executed in part, the other is no more for. */
  #reduceSiblings(order: FakeOrder, units: Decimal): void {
    const { parent, legs } = order
    const isPair = (parent ?? order).terms.orderClass === 'oco'
    const group = parent === undefined ? (isPair ? legs : []) : isPair ? [parent, ...parent.legs] : parent.legs
    for (const one of group) {
      const { quantity } = one.terms
      if (one === order || !isOpen(one) || quantity === undefined) continue
      one.terms = { ...one.terms, quantity: quantity.minus(units) }
      if (!one.isPlaced) continue
      const [before, id] = [one.engineId ?? one.id, this.newId()]
      one.engineId = id
      this.#reduced.set(id, one)
      void this.#parts.engine.replace?.(before, this.#guard.permit(engineRequest(id, one.terms, engineAccount)))
    }
  }

  /** The legs of an entry that has filled come to life; a leg that has filled ends its sibling. */
  #goOnWithGroup(order: FakeOrder): void {
    const { parent, legs } = order
    const isPair = (parent ?? order).terms.orderClass === 'oco'
    if (parent !== undefined) {
      const group = isPair ? [parent, ...parent.legs] : parent.legs
      this.#cancelAll(group.filter((one) => one !== order))
    } else if (isPair) this.#cancelAll(legs)
    else for (const leg of legs) void this.place(leg)
  }

  #cancelAll(orders: readonly FakeOrder[]): void {
    for (const order of orders) if (isOpen(order)) void this.cancel(order)
  }

  #replaced(order: FakeOrder, by: string, time: EpochMs): void {
    const next = this.#amending.get(by)
    if (next === undefined) return
    // What it has filled meanwhile, and what belongs to it, goes on with the other.
    const { filled, filledWorth, legs, isPlaced } = order
    Object.assign(next, { filled, filledWorth, legs, isPlaced, status: 'new', updatedAt: time, engineId: undefined })
    order.status = 'replaced'
    order.replacedAt = time
    order.updatedAt = time
    order.replacedBy = by
    const { parent } = order
    if (parent !== undefined) parent.legs = parent.legs.map((leg) => (leg === order ? next : leg))
    if (!this.orders.has(by)) this.#register(next)
    this.#tell('replaced', order)
    this.#tell('new', next)
  }

  #end(order: FakeOrder, status: 'canceled' | 'expired' | 'rejected', time: EpochMs): void {
    if (!isOpen(order)) return
    order.status = status
    order.updatedAt = time
    if (status === 'canceled') order.canceledAt = time
    if (status === 'expired') order.expiredAt = time
    this.#tell(status, order)
    const { parent, legs } = order
    this.#cancelAll(legs)
    if (status === 'canceled' && parent !== undefined)
      this.#cancelAll(parent.terms.orderClass === 'oco' ? [parent, ...parent.legs] : parent.legs)
  }

  #tell(event: string, order: FakeOrder, more: Record<string, unknown> = {}): void {
    this.#parts.publish({
      event,
      execution_id: this.newId(),
      timestamp: rfc3339(order.updatedAt),
      ...more,
      order: orderJson(order),
    })
  }
}

/** Units are counted to so many decimals: an order for an amount is filled when what is left of it buys no part of one. */
const finestUnit = decimal('0.000000001')

function hasFilled({ terms, filled, filledWorth }: FakeOrder, price: Decimal): boolean {
  const { asset, quantity, notional } = terms
  if (notional === undefined) return quantity !== undefined && filled.gte(quantity)
  const step = asset.class === 'crypto' ? decimal(asset.tradeIncrement) : finestUnit
  return notional.minus(filledWorth).lt(step.times(price))
}

/** A logger for the engine inside: what it has to say is no concern of the venue's clients. */
export const engineLogger = createSilentLogger()
