import { isContract } from '../instruments/unit-terms.js'
import { type Decimal, decimal, readDecimal, zero } from '../money/decimal.js'
import { measuredPrice } from '../orders/order-measures.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderRequest } from '../orders/order-request.js'
import { amendedRequest, pendingAmendment, requestInForce } from '../orders/request-in-force.js'
import type { PrincipalUse } from '../risk/activity-view.js'
import { isSizedInQuote } from '../risk/order-figures.js'
import type { PolicyLimits } from '../risk/policy-limits.js'
import { rateOf } from './currency-rate.js'
import type { KernelRuntime } from './kernel-runtime.js'

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
  /** Worth of the others that move along, as it was summed up last, and under what. */
  along:
    | {
        readonly version: number
        readonly limits: PolicyLimits
        readonly bars: number
        readonly worth: Decimal | undefined
      }
    | undefined
  /** What its parts have made, by whose they are. */
  results: readonly (readonly [use: PrincipalUse, result: Decimal])[]
}

/** A symbol of which nothing is held or being entered. */
export function noExposure(symbol: string, slot: number): SymbolExposure {
  return {
    symbol,
    slot,
    held: zero,
    contract: undefined,
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

/** Whether what a symbol is worth in the account's currency depends on a rate. */
export function isRated({ broker, state }: Sources, symbol: string): boolean {
  const instrument = broker?.instrument(symbol)
  return instrument !== undefined && instrument.currency !== state.currency
}

/** Decimals kept of what is converted at a rate. */
const convertedPlaces = 18

/** An amount of the symbol's own currency in that of the account; undefined where there is no rate. */
function inBase(sources: Sources, symbol: string, amount: Decimal): Decimal | undefined {
  const currency = sources.broker?.instrument(symbol)?.currency
  if (currency === undefined || currency === sources.state.currency) return amount
  return rateOf(sources, currency)?.times(amount).round(convertedPlaces, 'half-even')
}

/** What units at a price stand for, in the account's currency. */
function standsFor(sources: Sources, symbol: string, units: Decimal, price: Decimal): Decimal | undefined {
  const instrument = sources.broker?.instrument(symbol)
  const worth = units.times(price)
  if (instrument === undefined) return worth
  const { multiplier, currency } = instrument
  if (multiplier === undefined && currency === sources.state.currency) return worth
  if (multiplier === undefined) return inBase(sources, symbol, worth)
  const factor = readDecimal(multiplier)
  return factor === undefined ? undefined : inBase(sources, symbol, worth.times(factor))
}

function heldContract(sources: Sources, symbol: string, price: Decimal | undefined): HeldContract | undefined {
  const instrument = sources.broker?.instrument(symbol)
  if (instrument === undefined || !isContract(instrument)) return undefined
  const position = sources.state.ledger.position(symbol)
  if (position?.settlement !== 'margin') return undefined
  const cost = decimal(position.openCost)
  const multiplier = decimal(position.multiplier ?? '1')
  const result = price === undefined ? undefined : decimal(position.quantity).times(multiplier).times(price).minus(cost)
  return {
    currency: instrument.currency,
    cost: cost.abs(),
    loss: result?.isNegative() === false ? zero : result?.abs(),
    unpaid: inBase(sources, symbol, cost),
  }
}

/** What is left of an entry at its own price, or at the last one; the higher of two while an amendment is on its way. */
export function worthOf(runtime: Sources, order: OrderRecord): Decimal | undefined {
  const { state } = order
  const request = requestInForce(order)
  if (isSizedInQuote(request)) return inBase(runtime, request.symbol, decimal(state.leavesQuantity))
  const price = dearest(order, request, runtime.market.last(request.symbol)?.price)
  if (price === undefined) return undefined
  return standsFor(runtime, request.symbol, decimal(state.leavesQuantity), price)
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
  entry.held = isHeld ? (price === undefined ? undefined : standsFor(runtime, symbol, units, price)) : zero
  entry.contract = isHeld ? heldContract(runtime, symbol, price) : undefined
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
  entry.isExposed = isHeld || entry.openEntries > 0 || external !== undefined
  const heldWorth = entry.held?.abs()
  entry.worth =
    heldWorth === undefined || entry.buys === undefined || entry.sells === undefined
      ? undefined
      : heldWorth.plus(entry.buys).plus(entry.sells)
  if (external !== undefined) entry.worth = withExternal(runtime, entry, external, price)
  const isLong = units.gte(zero)
  entry.signed =
    heldWorth === undefined || entry.buys === undefined || entry.sells === undefined
      ? undefined
      : (isLong ? heldWorth : zero.minus(heldWorth)).plus(entry.buys).minus(entry.sells)
}

function withExternal(
  runtime: Sources,
  { symbol, worth }: SymbolExposure,
  units: Decimal,
  price: Decimal | undefined,
): Decimal | undefined {
  const external = price === undefined ? undefined : standsFor(runtime, symbol, units, price)
  return external === undefined ? undefined : worth?.plus(external)
}

/** Units that the venue holds of the symbol and the books do not, and all that orders of others may yet add, either way. */
function externalUnits({ broker, externalOrders, externalHoldings }: Sources, symbol: string): Decimal | undefined {
  if (externalOrders.size === 0 && externalHoldings.size === 0) return undefined
  let units = externalHoldings.get(broker?.instrument(symbol)?.asset ?? symbol)?.abs()
  for (const order of externalOrders.values()) {
    if (order.symbol !== symbol) continue
    units = (units ?? zero).plus(decimal(order.quantity)).minus(decimal(order.filledQuantity))
  }
  return units
}

const none: readonly never[] = Object.freeze([])

/** What the parts of a position have made; nothing where there is no price, as then nobody gets at the sums. */
export function resultsOf(sources: Sources, symbol: string): SymbolExposure['results'] {
  const { state, market } = sources
  const parts = state.activity.holdings(symbol)
  const price = market.last(symbol)?.price
  if (parts.length === 0 || price === undefined) return none
  return parts.flatMap(({ use, isLong, units, cost }): SymbolExposure['results'] => {
    const worth = standsFor(sources, symbol, units, price)
    return worth === undefined ? none : [[use, isLong ? worth.minus(cost) : cost.minus(worth)]]
  })
}
