import type { PaperOperator } from '@tradeswarm/broker-paper'
import { createSilentLogger, type EpochMs, type Random } from '@tradeswarm/core'
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
  rfc3339,
} from './fake-order.js'
import { FakePositions } from './fake-positions.js'
import { fakeUuid } from './fake-uuid.js'
import { type ChangeDelays, OrderChanges } from './order-changes.js'
import type { VenueHours } from './venue-hours.js'

/** The account name inside the matching engine. */
export const engineAccount = 'fake-alpaca'

/** One message of the stream of order updates, without its envelope. */
export type TradeUpdate = Readonly<Record<string, unknown>>

export type FakeVenueParts = ChangeDelays & {
  readonly assets: FakeAssets
  readonly engine: Broker & PaperOperator
  readonly random: Random
  readonly hours: VenueHours
  readonly now: () => EpochMs
  readonly publish: (update: TradeUpdate) => void
  /** Whether regulators charge what shares trade. */
  readonly regulatoryFees: boolean
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
  readonly changes: OrderChanges
  readonly assets: FakeAssets
  readonly #parts: FakeVenueParts
  readonly #guard = createOpenGuard()
  readonly #answers = new Map<string, Record<string, unknown>>()
  #refusal: EngineRefusal | undefined
  /** Orders that the engine knows by another id, since they were made smaller there. */
  readonly #reduced = new Map<string, FakeOrder>()

  constructor(parts: FakeVenueParts) {
    this.#parts = parts
    this.assets = parts.assets
    this.ledger = new FakeLedger(parts.random)
    this.dayFees = new DayFees(this.ledger, parts.regulatoryFees)
    const { engine } = parts
    this.changes = new OrderChanges({
      ...parts,
      requestOf: ({ id, terms }) => engineRequest(id, terms, engineAccount),
      refusalOf: (order, request) => engine.refusalOfAmendment(order.engineId ?? order.id, request),
      replace: async (order, request) => engine.replace?.(order.engineId ?? order.id, this.#guard.permit(request)),
      cancel: (order) => this.cancel(order),
      register: (order) => this.#register(order),
      tell: (event, order, more) => this.#tell(event, order, more),
    })
    engine.subscribe((event) => this.#hear(event))
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

  /** Asks for an amendment. Answers the order that is to take its place, or why not. */
  async amend(order: FakeOrder, terms: FakeTerms, clientOrderId: string): Promise<FakeOrder | EngineRefusal> {
    const now = this.now()
    const from = { submittedAt: now, updatedAt: now, replaces: order.id, isPlaced: false }
    const names = { id: this.newId(), clientOrderId, sequence: this.orders.size }
    const next: FakeOrder = { ...order, ...from, ...names, terms, status: 'pending_new' }
    return (await this.changes.amend(order, next)) ?? next
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
        this.changes.refuse({ code: event.code, message: event.message })
        return
      case 'replaced':
        this.changes.replaced(order, event.by, event.time)
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
