import type { EpochMs } from '@tradeswarm/core'
import { type BrokerEvent, decimal, decimalText, type Execution, type VenueMovement, zero } from '@tradeswarm/trading'
import { createOpenGuard } from '../../broker/open-guard.js'
import { marginModeOf } from './margin-mode.js'
import { noteTrade } from './note-trade.js'
import { OkxLedger } from './okx-ledger.js'
import {
  engineRequest,
  isImmediate,
  isOpen,
  type OkxLastFill,
  type OkxOrder,
  type OkxOrigin,
  type OkxTerms,
  type OrderUpdate,
  orderUpdateJson,
} from './okx-order.js'
import type { OkxPositions } from './okx-positions.js'
import type { EngineRefusal, OkxVenueParts } from './okx-venue-parts.js'
import { SwapBooks } from './swap-books.js'

/** The account name inside the matching engine. */
export const engineAccount = 'fake-okx'

const plain: OkxOrigin = { source: '', algoId: '', algoClOrdId: '' }

/** How long an order that was cancelled without any fill is still known. */
const unfilledCancelMs = 2 * 3_600_000

/** The orders of the account, kept in step with the matching engine, which knows them by ids of its own. */
export class OkxVenue {
  readonly orders = new Map<string, OkxOrder>()
  readonly swaps: SwapBooks
  readonly ledger: OkxLedger
  readonly #parts: OkxVenueParts
  readonly #guard = createOpenGuard()
  readonly #byEngineId = new Map<string, OkxOrder>()
  readonly #open = new Set<OkxOrder>()
  /** The last order of each client order id. */
  readonly #byClientId = new Map<string, OkxOrder>()
  readonly #refusals = new Map<string, EngineRefusal>()
  /** An amendment under way, told with what the engine says of it. */
  #amending: { readonly terms: OkxTerms; readonly reqId: string } | undefined

  constructor(parts: OkxVenueParts) {
    this.#parts = parts
    this.ledger = new OkxLedger(parts.ids)
    this.swaps = new SwapBooks({ ...parts, ledger: this.ledger })
    parts.engine.subscribe((event) => this.#hear(event))
    parts.engine.subscribeMovements?.((movement) => this.#fund(movement))
  }

  get positions(): OkxPositions {
    return this.swaps.positions
  }

  now(): EpochMs {
    return this.#parts.now()
  }

  /** By `ordId` where it is given, else the latest with that `clOrdId`; orders that are forgotten are not found. */
  find(instId: string, ordId: string, clOrdId: string): OkxOrder | undefined {
    const order = ordId === '' ? this.#byClientId.get(clOrdId) : this.orders.get(ordId)
    return order?.terms.listing.instId === instId && this.isKnown(order) ? order : undefined
  }

  /** False for an order that was cancelled unfilled two hours ago. */
  isKnown(order: OkxOrder): boolean {
    if (order.state !== 'canceled' || !order.filled.eq(zero)) return true
    return this.now() - order.uTime < unfilledCancelMs
  }

  hasLive(clOrdId: string): boolean {
    const order = this.#byClientId.get(clOrdId)
    return order !== undefined && isOpen(order)
  }

  /** Open orders, in the order of arrival. */
  open(): readonly OkxOrder[] {
    return [...this.#open]
  }

  /** Makes an order and gives it to the engine. Answers it, or why it was not taken: then it leaves no trace. */
  async place(terms: OkxTerms, origin: OkxOrigin = plain): Promise<OkxOrder | EngineRefusal> {
    const { clOrdId } = terms
    const namesake = this.#byClientId.get(clOrdId)
    const order = this.#create(terms, origin)
    const { ordId } = order
    await this.#parts.engine.place(this.#guard.permit(engineRequest(ordId, terms, engineAccount)))
    const refusal = this.#takeRefusal(ordId)
    if (refusal === undefined) return order
    this.orders.delete(ordId)
    this.#open.delete(order)
    this.#byEngineId.delete(ordId)
    if (namesake !== undefined) this.#byClientId.set(clOrdId, namesake)
    else if (clOrdId !== '') this.#byClientId.delete(clOrdId)
    return refusal
  }

  /** An order that is accepted and cancelled at once, without having been matched. */
  turnAway(terms: OkxTerms, why: string): OkxOrder {
    const order = this.#create(terms, plain)
    order.cancelWhy = why
    this.#ended(order, 'canceled', this.now())
    return order
  }

  #create(terms: OkxTerms, origin: OkxOrigin): OkxOrder {
    const now = this.now()
    const ordId = this.#parts.ids.next()
    const { listing, side, clOrdId } = terms
    const order: OkxOrder = {
      ordId,
      sequence: this.orders.size,
      terms,
      engineId: ordId,
      state: 'live',
      filled: zero,
      filledWorth: zero,
      fee: zero,
      feeCcy: listing.instType === 'SPOT' && side === 'buy' ? listing.base : listing.quote,
      pnl: zero,
      lastFill: undefined,
      cTime: now,
      uTime: now,
      cancelSource: '',
      cancelWhy: undefined,
      origin,
      lever: listing.instType === 'SWAP' ? this.#parts.leverOf(listing.instId, marginModeOf(terms.tdMode)) : '',
    }
    this.orders.set(ordId, order)
    this.#open.add(order)
    this.#byEngineId.set(ordId, order)
    if (clOrdId !== '') this.#byClientId.set(clOrdId, order)
    return order
  }

  async amend(order: OkxOrder, terms: OkxTerms, reqId: string): Promise<EngineRefusal | undefined> {
    const by = this.#parts.ids.next()
    const before = order.engineId
    this.#amending = { terms, reqId }
    this.#byEngineId.set(by, order)
    await this.#parts.engine.replace?.(before, this.#guard.permit(engineRequest(by, terms, engineAccount)))
    this.#amending = undefined
    const refusal = this.#takeRefusal(by)
    if (refusal !== undefined) this.#byEngineId.delete(by)
    return refusal
  }

  async cancel(order: OkxOrder, why: string): Promise<void> {
    if (!isOpen(order)) return
    order.cancelWhy = why
    await this.#parts.engine.cancel(order.engineId)
  }

  /** An amendment to what is filled already: the order is done. */
  async finish(order: OkxOrder, reqId: string): Promise<void> {
    order.terms = { ...order.terms, size: order.filled }
    this.#settle(order, 'filled')
    await this.#parts.engine.cancel(order.engineId)
    this.#tell(order, { amendResult: '0', reqId })
  }

  /** What the account holds of a currency, with what is set aside for isolated positions. */
  balance(currency: string): { readonly total: string; readonly free: string; readonly locked: string } {
    const found = this.#parts.engine.holdings().find(({ asset }) => asset === currency)
    return found ?? { total: '0', free: '0', locked: '0' }
  }

  #takeRefusal(engineId: string): EngineRefusal | undefined {
    const refusal = this.#refusals.get(engineId)
    this.#refusals.delete(engineId)
    return refusal
  }

  #hear(event: BrokerEvent): void {
    const order = this.#byEngineId.get(event.clientOrderId)
    if (order === undefined) return
    switch (event.type) {
      case 'accepted':
        if (!isImmediate(order.terms)) this.#tell(order)
        this.#parts.news.onAccount()
        return
      case 'rejected':
        this.#rejected(order, event.code, event.message)
        return
      case 'replace-rejected':
        this.#refusals.set(event.by, { code: event.code, message: event.message })
        return
      case 'replaced':
        this.#replaced(order, event.by, event.time)
        return
      case 'filled':
        this.#filled(order, event.execution, event.time)
        return
      case 'canceled':
      case 'expired':
        this.#ended(order, event.type, event.time)
        return
      default:
    }
  }

  /** A post-only order that would take is accepted, and then cancelled. */
  #rejected(order: OkxOrder, code: string, message: string): void {
    if (code !== 'POST_ONLY_WOULD_TRADE') {
      this.#refusals.set(order.engineId, { code, message })
      return
    }
    this.#tell(order)
    order.cancelWhy = '31'
    this.#ended(order, 'canceled', this.now())
  }

  #replaced(order: OkxOrder, by: string, time: EpochMs): void {
    if (this.#amending === undefined) return
    order.engineId = by
    order.terms = this.#amending.terms
    order.uTime = time
    this.#tell(order, { amendResult: '0', reqId: this.#amending.reqId })
    this.#parts.news.onAccount()
  }

  #filled(order: OkxOrder, execution: Execution, time: EpochMs): void {
    const { terms } = order
    const { listing } = terms
    const [units, price] = [decimal(execution.quantity), decimal(execution.price)]
    const fee = zero.minus(decimal(execution.fee))
    const tradeId = this.#parts.ids.nextTrade(listing.instId)
    const signed = terms.side === 'buy' ? units : zero.minus(units)
    const traded = { units: signed, price, fee, tradeId, time, engineId: execution.tradeId }
    const { pnl, position } = this.swaps.book(terms, traded)
    const fill: OkxLastFill = {
      tradeId,
      price: decimalText(price),
      size: decimalText(units),
      time,
      fee: decimalText(fee),
      feeCcy: execution.feeCurrency,
      pnl: decimalText(pnl),
      execType: execution.liquidity === 'maker' ? 'M' : 'T',
    }
    order.filled = order.filled.plus(units)
    order.filledWorth = order.filledWorth.plus(units.times(price))
    order.fee = order.fee.plus(fee)
    order.feeCcy = execution.feeCurrency
    order.pnl = order.pnl.plus(pnl)
    order.lastFill = fill
    order.uTime = time
    const left = terms.size.minus(terms.tgtCcy === 'quote_ccy' ? order.filledWorth : order.filled)
    // What buys no lot any more is not worth a state of its own.
    const isDone = terms.tgtCcy === 'quote_ccy' ? left.lt(price.times(listing.lot)) : left.lte(zero)
    order.state = 'partially_filled'
    const endsApart = isDone && this.#parts.endsApart(terms)
    if (isDone && !endsApart) this.#settle(order, 'filled')
    noteTrade(order, fill, this.ledger, (currency) => this.swaps.cash(currency), position)
    this.#tell(order, { fill })
    if (endsApart) {
      this.#settle(order, 'filled')
      this.#tell(order)
    }
    this.#parts.news.onAccount('filled', [{ instId: listing.instId, tradeId }])
    if (isDone) this.#parts.news.onFilled(order)
    const mode = marginModeOf(terms.tdMode)
    if (listing.instType === 'SWAP' && this.positions.units(listing.instId, mode).eq(zero))
      this.#parts.news.onPositionClosed(listing.instId, mode)
  }

  #ended(order: OkxOrder, type: 'canceled' | 'expired', time: EpochMs): void {
    if (!isOpen(order)) return
    const { ordType, reduceOnly, tgtCcy } = order.terms
    order.uTime = time
    // An amount of currency is spent as far as it goes.
    if (tgtCcy === 'quote_ccy' && type === 'canceled' && order.cancelWhy === undefined && !order.filled.eq(zero)) {
      this.#settle(order, 'filled')
      this.#tell(order)
      this.#parts.news.onFilled(order)
      return
    }
    const unasked = type === 'expired' ? (ordType === 'fok' ? '13' : '14') : reduceOnly ? '2' : '0'
    order.cancelSource = order.cancelWhy ?? unasked
    this.#settle(order, 'canceled')
    this.#tell(order)
    this.#parts.news.onAccount()
  }

  #settle(order: OkxOrder, state: 'filled' | 'canceled'): void {
    order.state = state
    this.#open.delete(order)
  }

  #fund(movement: VenueMovement): void {
    if (movement.type === 'funding' && this.swaps.fund(movement)) this.#parts.news.onAccount('funding_fee')
  }

  #tell(order: OkxOrder, update: Omit<OrderUpdate, 'lastPx'> = {}): void {
    const { listing } = order.terms
    const lastPx = this.#parts.lastPrice(listing.instId)
    this.#parts.news.onOrder(listing, orderUpdateJson(order, { ...update, lastPx }))
  }
}
