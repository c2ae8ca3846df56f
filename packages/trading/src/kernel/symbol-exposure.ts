import type { Instrument } from '../instruments/instrument.js'
import { isContract } from '../instruments/unit-terms.js'
import { type Decimal, decimal, readDecimal, zero } from '../money/decimal.js'
import { highestPrice } from '../orders/order-measures.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderRequest } from '../orders/order-request.js'
import { amendedRequest, pendingAmendment, requestInForce } from '../orders/request-in-force.js'
import type { PrincipalUse } from '../risk/activity-view.js'
import { isSizedInQuote } from '../risk/order-figures.js'
import type { PolicyLimits } from '../risk/policy-limits.js'
import { rateOf } from './currency-rate.js'
import type { KernelRuntime } from './kernel-runtime.js'

const none: readonly never[] = Object.freeze([])

/** Where exposures come from. */
export type Sources = Pick<KernelRuntime, 'state' | 'market' | 'broker' | 'externalOrders' | 'externalHoldings'>

/** A contract that is held. */
export type HeldContract = {
  readonly currency: string
  /** What its units stood for when they were entered, unsigned, in its currency. */
  readonly cost: Decimal
  /** What closing it at the last price would lose, in its currency; 0 where it would gain, undefined without a price. */
  readonly loss: Decimal | undefined
  /** The signed cost in the account's currency: that much of what is held was not paid for. Undefined without a rate. */
  readonly unpaid: Decimal | undefined
}

/** What is held and being entered of one symbol, at the last price, in the account's currency. */
export type SymbolExposure = {
  readonly symbol: string
  /** A small number of its own, for tables by pairs of symbols. */
  readonly slot: number
  /** Where it stands among those that are exposed; -1 where it does not. */
  place: number
  /** Signed worth of what is held; undefined where that has no price. */
  held: Decimal | undefined
  contract: HeldContract | undefined
  /** Worth of open buys and open sales that add; undefined where one has no price. */
  buys: Decimal | undefined
  sells: Decimal | undefined
  /** Absolute worth of all of it, and what a sale takes off; undefined where a part has no price. */
  worth: Decimal | undefined
  signed: Decimal | undefined
  openEntries: number
  isExposed: boolean
  /** Whether its worth in the account's currency depends on a rate. */
  isRated: boolean
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
    contract: undefined,
    buys: zero,
    sells: zero,
    worth: zero,
    signed: zero,
    openEntries: 0,
    isExposed: false,
    isRated: false,
    along: undefined,
    results: none,
  }
}

/** Whether an entry says that nothing is held or being entered. */
export function isNothing({ isExposed, results, worth, held }: SymbolExposure): boolean {
  return !isExposed && results.length === 0 && worth?.isZero() === true && held?.isZero() === true
}

/** Whether that is so: what was permitted is mostly withdrawn, or denied, and then there is nothing to measure. */
export function hasNothing({ state, externalOrders, externalHoldings }: Sources, symbol: string): boolean {
  return (
    !state.index.openOrders.has(symbol) &&
    state.ledger.units(symbol).isZero() &&
    state.activity.holdings(symbol).length === 0 &&
    externalOrders.size === 0 &&
    externalHoldings.size === 0
  )
}

/** Decimals kept of what is converted at a rate. */
const convertedPlaces = 18

/** An amount of the instrument's own currency in that of the account; undefined where there is no rate. */
function inBase(sources: Sources, instrument: Instrument | undefined, amount: Decimal): Decimal | undefined {
  const currency = instrument?.currency
  if (currency === undefined || currency === sources.state.currency) return amount
  return rateOf(sources, currency)?.times(amount).round(convertedPlaces, 'half-even')
}

/** What units at a price stand for, in the account's currency. */
function standsFor(
  sources: Sources,
  instrument: Instrument | undefined,
  units: Decimal,
  price: Decimal,
): Decimal | undefined {
  const worth = units.times(price)
  if (instrument === undefined) return worth
  const { multiplier, currency } = instrument
  if (multiplier === undefined) return currency === sources.state.currency ? worth : inBase(sources, instrument, worth)
  const factor = readDecimal(multiplier)
  return factor === undefined ? undefined : inBase(sources, instrument, worth.times(factor))
}

function heldContract(
  sources: Sources,
  instrument: Instrument | undefined,
  price: Decimal | undefined,
): HeldContract | undefined {
  if (instrument === undefined || !isContract(instrument)) return undefined
  const position = sources.state.ledger.position(instrument.symbol)
  if (position?.settlement !== 'margin') return undefined
  const cost = decimal(position.openCost)
  const multiplier = decimal(position.multiplier ?? '1')
  const result = price === undefined ? undefined : decimal(position.quantity).times(multiplier).times(price).minus(cost)
  return {
    currency: instrument.currency,
    cost: cost.abs(),
    loss: result?.isNegative() === false ? zero : result?.abs(),
    unpaid: inBase(sources, instrument, cost),
  }
}

/** What is left of an entry at the highest price that it is to be counted at; the higher of two while an amendment is on its way. */
export function worthOf(runtime: Sources, order: OrderRecord): Decimal | undefined {
  return worthAs(runtime, order, runtime.broker?.instrument(order.header.request.symbol))
}

function worthAs(runtime: Sources, order: OrderRecord, instrument: Instrument | undefined): Decimal | undefined {
  const { state } = order
  const request = requestInForce(order)
  if (isSizedInQuote(request)) return inBase(runtime, instrument, decimal(state.leavesQuantity))
  const price = dearest(order, request, runtime.market.last(request.symbol)?.price)
  if (price === undefined) return undefined
  return standsFor(runtime, instrument, decimal(state.leavesQuantity), price)
}

/** The price of what is in force, or that of an amendment on its way where it is higher: either may be executed. */
function dearest(order: OrderRecord, request: OrderRequest, last: Decimal | undefined): Decimal | undefined {
  const price = highestPrice(request, last)
  const pending = order.state.revisions === undefined ? undefined : pendingAmendment(order)
  if (pending === undefined || price === undefined) return price
  const amended = highestPrice(amendedRequest(order.header.request, pending), last)
  return amended?.gt(price) === true ? amended : price
}

/** Works out one symbol anew, from the books and the market. */
export function measure(runtime: Sources, entry: SymbolExposure, exceptOrderId?: string): void {
  const { state, market } = runtime
  const { symbol } = entry
  const units = state.ledger.units(symbol)
  const isHeld = !units.eq(zero)
  const price = market.last(symbol)?.price
  const instrument = runtime.broker?.instrument(symbol)
  entry.held = isHeld ? (price === undefined ? undefined : standsFor(runtime, instrument, units, price)) : zero
  entry.contract = isHeld ? heldContract(runtime, instrument, price) : undefined
  entry.isRated = instrument !== undefined && instrument.currency !== state.currency
  entry.buys = zero
  entry.sells = zero
  entry.openEntries = 0
  for (const order of state.index.openOrders.of(symbol)) {
    if (order.header.request.reduceOnly || order.header.orderId === exceptOrderId) continue
    // A child is part of what its parent may add.
    if (order.header.parentOrderId !== undefined) continue
    entry.openEntries += 1
    const worth = worthAs(runtime, order, instrument)
    if (order.header.request.side === 'buy') entry.buys = worth === undefined ? undefined : entry.buys?.plus(worth)
    else entry.sells = worth === undefined ? undefined : entry.sells?.plus(worth)
  }
  const external = externalUnits(runtime, symbol)
  if (external !== undefined)
    countSided(entry, external, units, (added) =>
      price === undefined ? undefined : standsFor(runtime, instrument, added, price),
    )
  entry.isExposed = isHeld || entry.openEntries > 0 || external !== undefined
  const heldWorth = entry.held?.abs()
  entry.worth =
    heldWorth === undefined || entry.buys === undefined || entry.sells === undefined
      ? undefined
      : heldWorth.plus(entry.buys).plus(entry.sells)
  if (external !== undefined) {
    const unsided = external.held.abs().plus(external.orders)
    const worth = price === undefined ? undefined : standsFor(runtime, instrument, unsided, price)
    entry.worth = worth === undefined ? undefined : entry.worth?.plus(worth)
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
function countSided(
  entry: SymbolExposure,
  external: ExternalUnits,
  own: Decimal,
  worthOfUnits: (units: Decimal) => Decimal | undefined,
): void {
  const account = own.plus(external.held)
  const beyond = (ordered: Decimal, takenOff: Decimal): Decimal => {
    const left = ordered.minus(takenOff.gt(zero) ? takenOff : zero)
    return left.gt(zero) ? left : zero
  }
  const added = (sum: Decimal | undefined, units: Decimal): Decimal | undefined => {
    const worth = worthOfUnits(units)
    return worth === undefined ? undefined : sum?.plus(worth)
  }
  const buys = beyond(external.buys, zero.minus(account))
  const sells = beyond(external.sells, account)
  if (!buys.eq(zero)) entry.buys = added(entry.buys, buys)
  if (!sells.eq(zero)) entry.sells = added(entry.sells, sells)
}

/** What the parts of a position have made; nothing where there is no price, as then nobody gets at the sums. */
export function resultsOf(sources: Sources, symbol: string): SymbolExposure['results'] {
  const { state, market } = sources
  const parts = state.activity.holdings(symbol)
  const price = parts.length === 0 ? undefined : market.last(symbol)?.price
  if (price === undefined) return none
  const instrument = sources.broker?.instrument(symbol)
  return parts.flatMap(({ use, isLong, units, cost }): SymbolExposure['results'] => {
    const worth = standsFor(sources, instrument, units, price)
    return worth === undefined ? none : [[use, isLong ? worth.minus(cost) : cost.minus(worth)]]
  })
}
