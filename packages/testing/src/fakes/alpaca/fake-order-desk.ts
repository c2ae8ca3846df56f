import { type Decimal, decimal, decimalText, divide, one, zero } from '@tradeswarm/trading'
import type { AccountView } from './account-view.js'
import { belowMinimum, refusalOf } from './engine-refusals.js'
import { type FakeOrder, type FakeTerms, isOpen, isWaiting, orderJson } from './fake-order.js'
import { type FakeRefusal, forbidden, invalid, isRefusal, malformed, orderNotFound } from './fake-refusal.js'
import type { EngineRefusal, FakeVenue } from './fake-venue.js'
import { checkGroup, legsOf } from './order-groups.js'
import { amount, type Body, checkTerms, isTimeInForce, readTerms } from './read-terms.js'
import type { VenueHours } from './venue-hours.js'
import { checkWashTrade } from './wash-trade.js'

type Json = Record<string, unknown>

/** An account that may sell short is worth so many dollars; a short counts so much above the market. */
const leastEquity = decimal('2000')
const aboveMarket = decimal('1.03')
const failedCancel = { code: 50010000, message: 'failed to cancel order' }
const isEngineRefusal = (value: object): value is EngineRefusal => 'code' in value && !('id' in value)

/** Takes, changes and cancels orders as the trading API does. */
export class FakeOrderDesk {
  readonly #venue: FakeVenue
  readonly #hours: VenueHours
  readonly #account: AccountView
  readonly #priceOf: (symbol: string) => Decimal | undefined

  constructor(
    venue: FakeVenue,
    hours: VenueHours,
    account: AccountView,
    priceOf: (symbol: string) => Decimal | undefined,
  ) {
    this.#priceOf = priceOf
    this.#venue = venue
    this.#hours = hours
    this.#account = account
  }

  /** `POST /v2/orders`. A refused order leaves no trace. */
  async submit(body: Body): Promise<Json | FakeRefusal> {
    const read = readTerms(body, this.#venue.assets)
    if (isRefusal(read)) return read
    const terms = { ...read, positionIntent: read.positionIntent || this.#intentOf(read) }
    const clientOrderId = body['client_order_id'] ?? this.#venue.newId()
    const refused =
      this.#checkClientId(clientOrderId) ??
      this.#hours.checkWindow(terms, this.#venue.now()) ??
      checkGroup(body, terms, this.#priceOf(terms.asset.symbol)) ??
      checkWashTrade(terms, this.#venue.orders.values()) ??
      this.#checkWorth(terms) ??
      this.#checkDirection(read)
    if (refused !== undefined) return refused
    const order = this.#venue.create(terms, clientOrderId as string, 'pending_new')
    for (const leg of legsOf(body, terms)) this.#venue.create(leg, this.#venue.newId(), 'held', order)
    const answer = await this.#venue.place(order)
    if (isEngineRefusal(answer)) {
      this.#venue.forget(order)
      return refusalOf(answer, terms, this.#account.buyingPower())
    }
    if (terms.orderClass === 'oco') for (const leg of order.legs) await this.#venue.place(leg)
    return answer
  }

  /** `PATCH /v2/orders/{id}`: a new order in place of the old one. */
  async replace(id: string, body: Body): Promise<Json | FakeRefusal> {
    const order = this.#venue.orders.get(id)
    if (order === undefined) return orderNotFound(id)
    const clientOrderId = body['client_order_id'] ?? this.#venue.newId()
    const used = this.#checkClientId(clientOrderId)
    if (used !== undefined) return used
    const terms = this.#amended(order, body)
    if (isRefusal(terms)) return terms
    const refused =
      checkWashTrade(terms, this.#venue.orders.values()) ??
      this.#checkWorth(terms) ??
      this.#checkDirection(terms, order)
    if (refused !== undefined) return refused
    const next = await this.#venue.amend(order, terms, clientOrderId as string)
    return isEngineRefusal(next)
      ? refusalOf(next, terms, this.#account.buyingPower())
      : orderJson(next as FakeOrder, true)
  }

  /** `DELETE /v2/orders/{id}`: undefined where the request was accepted. */
  async cancel(id: string): Promise<FakeRefusal | undefined> {
    const order = this.#venue.orders.get(id)
    if (order === undefined) return orderNotFound(id)
    if (order.status === 'canceled') return undefined
    if (!isCancelable(order)) return invalid(`order is already in "${order.status}" state`)
    await this.#venue.changes.cancel(order)
    return undefined
  }

  /** Has all orders gone before positions are closed, as the venue does by itself. */
  async clear(): Promise<void> {
    for (const order of this.#venue.orders.values()) if (isOpen(order)) await this.#venue.cancel(order)
  }

  /** `DELETE /v2/orders`. */
  async cancelAll(): Promise<readonly Json[]> {
    const open = [...this.#venue.orders.values()].filter((order) => isOpen(order) && order.parent === undefined)
    const done: Json[] = []
    for (const order of open.filter((one) => !isWaiting(one))) {
      const { id, status } = order
      const isRefused = status === 'pending_replace'
      if (isCancelable(order)) await this.#venue.changes.cancel(order)
      done.push(isRefused ? { id, status: 500, body: failedCancel } : { id, status: 200 })
    }
    return done
  }

  #checkClientId(id: unknown): FakeRefusal | undefined {
    if (typeof id !== 'string' || id.length === 0 || id.length > 128)
      return malformed('client_order_id must be no more than 128 characters')
    return this.#venue.byClientId.has(id) ? malformed('client_order_id must be unique') : undefined
  }

  /** What is bought of crypto has a least worth; what is sold has none. Of shares the matching engine sees to that. */
  #checkWorth({ asset, side, quantity, notional, limitPrice, stopPrice }: FakeTerms): FakeRefusal | undefined {
    if (asset.class !== 'crypto' || side === 'sell') return undefined
    const price = limitPrice ?? stopPrice ?? this.#priceOf(asset.symbol)
    const worth = notional ?? (price === undefined ? undefined : quantity?.times(price))
    if (worth === undefined || worth.gte(decimal(asset.minimumNotional))) return undefined
    return belowMinimum(asset)
  }

  /** What an order does to the position that there is. */
  #intentOf({ asset, side }: FakeTerms): string {
    const held = this.#venue.positions.quantity(asset)
    if (side === 'buy') return held.lt(zero) ? 'buy_to_close' : 'buy_to_open'
    return held.gt(zero) ? 'sell_to_close' : 'sell_to_open'
  }

  /** Nothing leaves more than there is, and what opens a short is whole shares that are lent. */
  #checkDirection(terms: FakeTerms, replaces?: FakeOrder): FakeRefusal | undefined {
    const { asset, positionIntent } = terms
    const inferred = this.#intentOf(terms)
    if (replaces === undefined && positionIntent !== '' && positionIntent !== inferred)
      return invalid(`position intent mismatch, inferred: ${inferred}, specified: ${positionIntent}`)
    if (inferred === 'buy_to_open') return undefined
    const wanted = this.#wanted(terms, replaces)
    if (inferred === 'sell_to_open') return this.#checkShort(terms, wanted)
    const held = this.#venue.positions.quantity(asset).abs()
    const available = this.#venue.available(asset, replaces)
    if (wanted === undefined || wanted.lte(available)) return undefined
    const [asked, left] = [decimalText(wanted), decimalText(available)]
    return forbidden(`insufficient qty available for order (requested: ${asked}, available: ${left})`, {
      available: left,
      existing_qty: decimalText(held),
      held_for_orders: decimalText(held.minus(available)),
      symbol: asset.symbol,
    })
  }

  #checkShort({ asset, quantity, limitPrice }: FakeTerms, wanted: Decimal | undefined): FakeRefusal | undefined {
    if (!this.#account.shorting || this.#account.equity().lt(leastEquity))
      return forbidden('account is not allowed to short')
    if (!asset.shortable) return forbidden(`asset "${asset.symbol}" cannot be sold short`)
    if (quantity === undefined || !quantity.mod(one).eq(zero))
      return forbidden('fractional orders cannot be sold short')
    const price = this.#priceOf(asset.symbol)
    const counted = price?.times(aboveMarket) ?? zero
    const worth = (limitPrice?.gt(counted) ? limitPrice : counted).times(wanted ?? zero)
    const power = this.#account.buyingPower()
    if (worth.lte(decimal(power))) return undefined
    return forbidden('insufficient buying power', { buying_power: power, cost_basis: decimalText(worth) })
  }

  /** How many units an order is still for; of an amount by the price, where there is one. */
  #wanted({ asset, quantity, notional }: FakeTerms, replaces: FakeOrder | undefined): Decimal | undefined {
    if (quantity !== undefined) return replaces === undefined ? quantity : quantity.minus(replaces.filled)
    const price = this.#priceOf(asset.symbol)
    return price === undefined || notional === undefined ? undefined : divide(notional, price, 9, 'down')
  }

  #amended(order: FakeOrder, body: Body): FakeTerms | FakeRefusal {
    const { status, terms } = order
    if (status === 'filled') return invalid('order is already in "filled" state')
    if (status !== 'new' && status !== 'partially_filled') return invalid(`cannot replace order in ${status} status`)
    if (terms.notional !== undefined) return invalid('cannot replace notional orders')
    const timeInForce = body['time_in_force'] ?? terms.timeInForce
    if (!isTimeInForce(timeInForce)) return malformed('invalid time_in_force')
    let next: FakeTerms
    try {
      const trail = amount(body, 'trail')
      next = {
        ...terms,
        quantity: amount(body, 'qty') ?? terms.quantity,
        limitPrice: amount(body, 'limit_price') ?? terms.limitPrice,
        stopPrice: amount(body, 'stop_price') ?? terms.stopPrice,
        trailPrice: terms.trailPrice === undefined ? undefined : (trail ?? terms.trailPrice),
        trailPercent: terms.trailPercent === undefined ? undefined : (trail ?? terms.trailPercent),
        timeInForce,
      }
    } catch {
      return malformed('invalid number')
    }
    return checkAmended(order, next) ?? next
  }
}

/** What is being changed, or waits for that, takes no cancel. */
function isCancelable(order: FakeOrder): boolean {
  const isChanging = order.status === 'pending_cancel' || order.status === 'pending_replace'
  return isOpen(order) && !isChanging && !isWaiting(order)
}

function checkAmended({ terms, filled }: FakeOrder, next: FakeTerms): FakeRefusal | undefined {
  const isSame =
    text(terms.quantity) === text(next.quantity) &&
    text(terms.limitPrice) === text(next.limitPrice) &&
    text(terms.stopPrice) === text(next.stopPrice) &&
    text(terms.trailPrice) === text(next.trailPrice) &&
    text(terms.trailPercent) === text(next.trailPercent) &&
    terms.timeInForce === next.timeInForce
  if (isSame) return invalid('order parameters are not changed')
  // Of shares an amendment knows whole ones only.
  if (next.asset.class === 'us_equity' && isNewFraction(next, terms)) return invalid('qty must be integer')
  if (next.quantity?.lte(filled)) return invalid('qty must be > filled_qty')
  const isOfGroup = next.orderClass !== '' && next.orderClass !== 'simple'
  if (isOfGroup && text(next.quantity) !== text(terms.quantity))
    return invalid(`cannot replace qty of ${next.orderClass} orders`)
  return checkTerms(next)
}

function isNewFraction({ quantity }: FakeTerms, before: FakeTerms): boolean {
  return quantity !== undefined && text(quantity) !== text(before.quantity) && !quantity.mod(one).eq(zero)
}

const text = (value: Decimal | undefined): string => (value === undefined ? '' : decimalText(value))
