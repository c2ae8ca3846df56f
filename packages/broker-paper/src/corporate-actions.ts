import type { EpochMs } from '@tradeswarm/core'
import {
  type Decimal,
  type DividendEvent,
  decimal,
  decimalText,
  divide,
  type Rounding,
  roundToStep,
  type StockSplitEvent,
  zero,
} from '@tradeswarm/trading'
import type { OrderExecutor, VenueContext } from './order-executor.js'
import type { VenueInstrument } from './paper-broker-options.js'
import { leavesOf, type RestingOrder, reservedAsset } from './resting-order.js'
import { inUnits, type SplitRatio, splitPlaces } from './split-ratio.js'
import type { SymbolMarket } from './symbol-market.js'

const daysAYear = decimal('365')
/** A borrowing cost is rounded up here. */
const costPlaces = 8

/** Pays a dividend on what is held; a short position owes it. */
export function payDividend({ account }: VenueContext, { instrument }: VenueInstrument, event: DividendEvent): void {
  const held = account.total(instrument.asset)
  if (held.eq(zero)) return
  account.credit(event.currency, held.times(decimal(event.amountPerUnit, `dividend of ${event.symbol}`)))
}

/** Takes what borrowing a short position has cost in so many days until `time`, at the last price, and tells of it. */
export function chargeBorrowing(
  { account, book, movements }: VenueContext,
  listing: VenueInstrument,
  { days, time }: { readonly days: number; readonly time: EpochMs },
): void {
  const { asset, currency, symbol } = listing.instrument
  const held = account.total(asset)
  const price = book.knownMarket(symbol)?.lastAmount
  if (price === undefined || !held.lt(zero) || listing.borrowRate.eq(zero) || listing.isContract) return
  const worth = held.abs().times(price)
  const yearly = (listing.multiplier === undefined ? worth : worth.times(listing.multiplier)).times(listing.borrowRate)
  const cost = divide(yearly.times(decimal(String(days))), daysAYear, costPlaces, 'up')
  account.credit(currency, zero.minus(cost))
  movements.add({
    type: 'borrow',
    eventId: `borrow-${symbol}-${time}`,
    time,
    symbol,
    currency,
    amount: decimalText(cost),
  })
}

/**
 * Restates holdings and resting orders in the units after a split. Prices are rounded so that no order gets easier to fill or to set
 * off; an order of which less than a lot is left is cancelled. Nobody is told: it is the same order for the same money.
 */
export function applySplit(
  context: VenueContext,
  executor: OrderExecutor,
  {
    listing,
    market,
    event,
  }: { readonly listing: VenueInstrument; readonly market: SymbolMarket; readonly event: StockSplitEvent },
): void {
  const { account } = context
  const { asset } = listing.instrument
  const ratio = { numerator: decimal(String(event.numerator)), denominator: decimal(String(event.denominator)) }
  context.trades.split(listing.instrument.symbol, ratio)
  account.restate(asset, inUnits(account.total(asset), ratio))
  const { lastAmount, lastVolume } = market
  market.restate(
    lastAmount === undefined ? undefined : decimalText(inPrices(lastAmount, ratio)),
    lastVolume === undefined ? undefined : decimalText(inUnits(lastVolume, ratio)),
  )
  for (const order of market.orders) {
    if (order.status !== 'open') continue
    restatePrices(order, ratio)
    if (order.request.sizedIn === undefined) restateUnits(order, ratio, context)
    if (leavesOf(order).eq(zero)) executor.end(order, 'canceled', event.time)
  }
  market.sweep()
}

function inPrices(price: Decimal, { numerator, denominator }: SplitRatio): Decimal {
  return divide(price.times(denominator), numerator, splitPlaces, 'half-even')
}

function restateUnits(order: RestingOrder, ratio: SplitRatio, { account }: VenueContext): void {
  const leaves = roundToStep(inUnits(leavesOf(order), ratio), order.listing.lot, 'down')
  order.filled = inUnits(order.filled, ratio)
  order.busted = inUnits(order.busted, ratio)
  order.quantity = order.filled.plus(leaves)
  if (order.request.side === 'buy' || order.reserved.eq(zero)) return
  account.release(reservedAsset(order), order.reserved)
  order.reserved = leaves
  account.reserve(reservedAsset(order), leaves)
}

function restatePrices(order: RestingOrder, ratio: SplitRatio): void {
  const { tick } = order.listing
  const isBuy = order.request.side === 'buy'
  const onTick = (price: Decimal | undefined, rounding: Rounding): Decimal | undefined => {
    if (price === undefined) return undefined
    const rounded = roundToStep(inPrices(price, ratio), tick, rounding)
    return rounded.lt(tick) ? tick : rounded
  }
  order.limitPrice = onTick(order.limitPrice, isBuy ? 'down' : 'up')
  order.targetPrice = onTick(order.targetPrice, isBuy ? 'down' : 'up')
  order.stopPrice = onTick(order.stopPrice, isBuy ? 'up' : 'down')
  if (order.trail !== undefined && 'amount' in order.trail)
    order.trail = { amount: onTick(order.trail.amount, 'up') ?? order.trail.amount }
}
