import { type Decimal, decimal, zero } from '../money/decimal.js'
import { measuredPrice } from '../orders/order-measures.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderRequest } from '../orders/order-request.js'
import { amendedRequest, pendingAmendment, requestInForce } from '../orders/request-in-force.js'
import type { PrincipalUse } from '../risk/activity-view.js'
import { instrumentGrid } from '../risk/instrument-grid.js'
import { isSizedInQuote } from '../risk/order-figures.js'
import type { PolicyLimits } from '../risk/policy-limits.js'
import type { KernelRuntime } from './kernel-runtime.js'

/** Where exposures come from. */
export type Sources = Pick<KernelRuntime, 'state' | 'market' | 'broker' | 'externalOrders' | 'externalHoldings'>

/** What is held and being entered of one symbol, at the last price. */
export type SymbolExposure = {
  readonly symbol: string
  /** A small number of its own, for tables by pairs of symbols. */
  readonly slot: number
  /** Where it stands among those that are exposed; -1 where it does not. */
  place: number
  /** Signed worth of what is held; undefined where that has no price. */
  held: Decimal | undefined
  /** Worth of open buys and open sales that add; undefined where one has no price. */
  buys: Decimal | undefined
  sells: Decimal | undefined
  /** Absolute worth of all of it, and what a sale takes off; undefined where a part has no price. */
  worth: Decimal | undefined
  signed: Decimal | undefined
  openEntries: number
  isExposed: boolean
  /** The others that move along, where somebody has asked. */
  along: Along | undefined
  /** What its parts have made, by whose they are. */
  results: readonly (readonly [use: PrincipalUse, result: Decimal])[]
}

/** How many other exposed symbols move along with one, and their worth: as of a change of the book, under a policy and the bars up to then. */
export type Along = {
  version: number
  readonly limits: PolicyLimits
  readonly bars: number
  count: number
  worth: Decimal
}

/** A symbol of which nothing is held or being entered. */
export function noExposure(symbol: string, slot: number): SymbolExposure {
  return {
    symbol,
    slot,
    place: -1,
    held: zero,
    buys: zero,
    sells: zero,
    worth: zero,
    signed: zero,
    openEntries: 0,
    isExposed: false,
    along: undefined,
    results: none,
  }
}

function multiplierOf({ broker }: Sources, symbol: string): Decimal | undefined {
  const instrument = broker?.instrument(symbol)
  return instrument?.multiplier === undefined ? undefined : instrumentGrid(instrument).multiplier
}

/** What is left of an entry at its own price, or at the last one; the higher of two while an amendment is on its way. */
export function worthOf(runtime: Sources, order: OrderRecord): Decimal | undefined {
  const { state } = order
  const request = requestInForce(order)
  if (isSizedInQuote(request)) return decimal(state.leavesQuantity)
  const price = dearest(order, request, runtime.market.last(request.symbol)?.price)
  if (price === undefined) return undefined
  const multiplier = multiplierOf(runtime, request.symbol)
  const worth = decimal(state.leavesQuantity).times(price)
  return multiplier === undefined ? worth : worth.times(multiplier)
}

/** The price of what is in force, or that of an amendment on its way where it is higher: either may be executed. */
function dearest(order: OrderRecord, request: OrderRequest, last: Decimal | undefined): Decimal | undefined {
  const price = measuredPrice(request, last)
  const pending = order.state.revisions === undefined ? undefined : pendingAmendment(order)
  if (pending === undefined || price === undefined) return price
  const amended = measuredPrice(amendedRequest(order.header.request, pending), last)
  return amended?.gt(price) === true ? amended : price
}

/** Works out one symbol anew, from the books and the market. */
export function measure(runtime: Sources, entry: SymbolExposure, exceptOrderId?: string): void {
  const { state, market } = runtime
  const { symbol } = entry
  const units = state.ledger.units(symbol)
  const isHeld = !units.eq(zero)
  const price = market.last(symbol)?.price
  entry.held = isHeld ? (price === undefined ? undefined : units.times(price)) : zero
  entry.buys = zero
  entry.sells = zero
  entry.openEntries = 0
  for (const orderId of state.index.openOrders.get(symbol) ?? []) {
    const order = state.orders.get(orderId)
    if (order === undefined || orderId === exceptOrderId || order.header.request.reduceOnly) continue
    // A child is part of what its parent may add.
    if (order.header.parentOrderId !== undefined) continue
    entry.openEntries += 1
    const worth = worthOf(runtime, order)
    if (order.header.request.side === 'buy') entry.buys = worth === undefined ? undefined : entry.buys?.plus(worth)
    else entry.sells = worth === undefined ? undefined : entry.sells?.plus(worth)
  }
  const external = externalUnits(runtime, symbol)
  if (external !== undefined) countSided(entry, external, units, price)
  entry.isExposed = isHeld || entry.openEntries > 0 || external !== undefined
  const multiplier = isHeld ? multiplierOf(runtime, symbol) : undefined
  const heldWorth = multiplier === undefined ? entry.held?.abs() : entry.held?.abs().times(multiplier)
  entry.worth =
    heldWorth === undefined || entry.buys === undefined || entry.sells === undefined
      ? undefined
      : heldWorth.plus(entry.buys).plus(entry.sells)
  if (external !== undefined) {
    const unsided = external.held.abs().plus(external.orders)
    entry.worth = price === undefined ? undefined : entry.worth?.plus(unsided.times(price))
  }
  const isLong = units.gte(zero)
  entry.signed =
    heldWorth === undefined || entry.buys === undefined || entry.sells === undefined
      ? undefined
      : (isLong ? heldWorth : zero.minus(heldWorth)).plus(entry.buys).minus(entry.sells)
}

/** Units of a symbol that are not ours: held, and what orders may yet buy, sell, or do where the venue does not tell which. */
type ExternalUnits = { held: Decimal; buys: Decimal; sells: Decimal; orders: Decimal }

function externalUnits(
  { broker, externalOrders, externalHoldings }: Sources,
  symbol: string,
): ExternalUnits | undefined {
  if (externalOrders.size === 0 && externalHoldings.size === 0) return undefined
  const held = externalHoldings.get(broker?.instrument(symbol)?.asset ?? symbol)
  let units: ExternalUnits | undefined =
    held === undefined ? undefined : { held, buys: zero, sells: zero, orders: zero }
  for (const order of externalOrders.values()) {
    if (order.symbol !== symbol) continue
    units ??= { held: zero, buys: zero, sells: zero, orders: zero }
    const kind = order.side === undefined ? 'orders' : order.side === 'buy' ? 'buys' : 'sells'
    units[kind] = units[kind].plus(decimal(order.quantity)).minus(decimal(order.filledQuantity))
  }
  return units
}

/** Orders of others count by their side as entries of ours do, but for what they only take off what the account holds. */
function countSided(entry: SymbolExposure, external: ExternalUnits, own: Decimal, price: Decimal | undefined): void {
  const account = own.plus(external.held)
  const beyond = (ordered: Decimal, takenOff: Decimal): Decimal => {
    const left = ordered.minus(takenOff.gt(zero) ? takenOff : zero)
    return left.gt(zero) ? left : zero
  }
  const buys = beyond(external.buys, zero.minus(account))
  const sells = beyond(external.sells, account)
  if (!buys.eq(zero)) entry.buys = price === undefined ? undefined : entry.buys?.plus(buys.times(price))
  if (!sells.eq(zero)) entry.sells = price === undefined ? undefined : entry.sells?.plus(sells.times(price))
}

const none: readonly never[] = Object.freeze([])

/** What the parts of a position have made; nothing where there is no price, as then nobody gets at the sums. */
export function resultsOf({ state, market }: Sources, symbol: string): SymbolExposure['results'] {
  const parts = state.activity.holdings(symbol)
  const price = market.last(symbol)?.price
  if (parts.length === 0 || price === undefined) return none
  return parts.map(({ use, isLong, units, cost }) => {
    const worth = units.times(price)
    return [use, isLong ? worth.minus(cost) : cost.minus(worth)]
  })
}
