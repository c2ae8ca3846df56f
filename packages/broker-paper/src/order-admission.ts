import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimalText, divide, type OrderRequest, type Side, zero } from '@tradeswarm/trading'
import { feeToReserve } from './fee-schedule.js'
import { checkForm, parseAmounts, type Refusal, refusal } from './order-form.js'
import type { PaperAccount } from './paper-account.js'
import type { PaperBrokerSettings, VenueInstrument } from './paper-broker-options.js'
import { isMarketable } from './price-matching.js'
import type { OrderAmounts } from './resting-order.js'
import { slippedPrice } from './slippage.js'
import { trailingLevel } from './trailing-level.js'

/** An order that the venue takes, parsed. */
export type Admission = {
  readonly status: 'admitted'
  readonly listing: VenueInstrument
  readonly amounts: OrderAmounts
  /** To set aside: cash for a buy, units for a sale. */
  readonly reserved: Decimal
}

/** What admission looks at. */
export type AdmissionContext = {
  readonly settings: PaperBrokerSettings
  readonly account: PaperAccount
  /** What an order of this side would get of a symbol at an instant, as far as can be known. */
  readonly expectedPrice: (symbol: string, side: Side, time: EpochMs) => Decimal | undefined
  readonly isHalted: (symbol: string, time: EpochMs) => boolean
}

/** When an order is looked at and, where one is amended, what it has traded already, in its own measure. */
export type Arrival = { readonly time: EpochMs; readonly alreadyFilled: Decimal }

/** Checks an order as a venue does: form, grid, direction, worth, then funds. */
export function admitOrder(request: OrderRequest, arrival: Arrival, context: AdmissionContext): Admission | Refusal {
  const { settings } = context
  const listing = settings.instruments.get(request.symbol)
  if (listing === undefined) return refusal('INSTRUMENT_NOT_FOUND', `symbol: ${request.symbol} is not traded here`)
  const malformed = checkForm(request, settings.account, arrival.time)
  if (malformed !== undefined) return malformed
  const amounts = parseAmounts(request, listing)
  if ('status' in amounts) return amounts
  if (settings.refusesInHalt && context.isHalted(request.symbol, arrival.time))
    return refusal('TRADING_HALTED', `symbol: ${request.symbol} is halted`)
  const marketPrice = context.expectedPrice(request.symbol, request.side, arrival.time)
  const wrongWay = checkPostOnly(request, amounts, marketPrice) ?? checkReduction(request, listing, context)
  if (wrongWay !== undefined) return wrongWay
  const price = expectedPrice(request, amounts, listing, { marketPrice, settings })
  const terms = { listing, price, alreadyFilled: arrival.alreadyFilled }
  const sale =
    request.side === 'sell' && !listing.isContract ? admitSale(request, amounts, terms, context.account) : undefined
  if (sale?.status === 'refused') return sale
  return checkWorth(request, amounts.quantity, price, listing) ?? sale ?? admitBuy(request, amounts, terms, context)
}

/** The limit; else the stop, or the price now, with slippage. Undefined for a market order before the first price: the fill is held to the cash then. */
function expectedPrice(
  request: OrderRequest,
  amounts: OrderAmounts,
  listing: VenueInstrument,
  { marketPrice, settings }: { readonly marketPrice: Decimal | undefined; readonly settings: PaperBrokerSettings },
): Decimal | undefined {
  if (amounts.limitPrice !== undefined) return amounts.limitPrice
  const base = amounts.stopPrice ?? levelOf(request, amounts, listing, marketPrice)
  if (base === undefined) return undefined
  return slippedPrice(base, request.side, settings.slippage.basisPoints, listing.tick)
}

/** Where a trailing stop would be set off; for other orders the price itself. */
function levelOf(
  { side }: OrderRequest,
  { trail }: OrderAmounts,
  { tick }: VenueInstrument,
  price: Decimal | undefined,
): Decimal | undefined {
  return trail === undefined || price === undefined ? price : trailingLevel(trail, side, price, tick)
}

function checkPostOnly(
  { side, postOnly }: OrderRequest,
  { limitPrice }: OrderAmounts,
  market: Decimal | undefined,
): Refusal | undefined {
  if (postOnly !== true || limitPrice === undefined) return undefined
  if (market === undefined || !isMarketable(side, market, limitPrice)) return undefined
  return refusal(
    'POST_ONLY_WOULD_TRADE',
    `limitPrice: at ${decimalText(limitPrice)} it would trade at once, the market stands at ${decimalText(market)}`,
  )
}

function checkWorth(
  request: OrderRequest,
  quantity: Decimal,
  price: Decimal | undefined,
  listing: VenueInstrument,
): Refusal | undefined {
  const { currency, minimumNotional, maximumNotional } = listing.instrument
  const worth =
    request.sizedIn === 'quote' ? quantity : price === undefined ? undefined : worthOf(listing, price, quantity)
  if (worth === undefined) return undefined
  // An exit is never too small to leave by.
  if (worth.lt(listing.minimumNotional) && !request.reduceOnly) {
    return refusal(
      'NOTIONAL_BELOW_MINIMUM',
      `${request.symbol}: the order is worth less than ${minimumNotional} ${currency}`,
    )
  }
  if (listing.maximumNotional === undefined || worth.lte(listing.maximumNotional)) return undefined
  return refusal(
    'NOTIONAL_EXCEEDS_MAX_PER_ORDER',
    `quantity: the order is worth more than ${maximumNotional} ${currency}`,
  )
}

function checkReduction(
  { symbol, side, reduceOnly }: OrderRequest,
  listing: VenueInstrument,
  { account }: AdmissionContext,
): Refusal | undefined {
  if (!reduceOnly) return undefined
  const held = account.total(listing.instrument.asset)
  if (side === 'sell' ? held.gt(zero) : held.lt(zero)) return undefined
  return refusal(
    'REDUCE_ONLY_WOULD_INCREASE_POSITION',
    `${symbol}: there is no position for a reduce-only ${side} to reduce`,
  )
}

type Terms = {
  readonly listing: VenueInstrument
  readonly price: Decimal | undefined
  readonly alreadyFilled: Decimal
}

/** Sales that only reduce set nothing aside: a stop and a target may rest on the same units. */
function admitSale(
  request: OrderRequest,
  amounts: OrderAmounts,
  { listing, price, alreadyFilled }: Terms,
  account: PaperAccount,
): Admission | Refusal {
  const admission = { status: 'admitted', listing, amounts } as const
  if (request.reduceOnly || listing.mayBeShort) return { ...admission, reserved: zero }
  const leaves = amounts.quantity.minus(alreadyFilled)
  const units = request.sizedIn === 'quote' ? unitsWorth(listing, price, leaves) : leaves
  const sellable = account.free(listing.instrument.asset)
  if (units.lte(sellable)) return { ...admission, reserved: units }
  return refusal(
    'NOT_SHORTABLE',
    `${request.symbol}: ${decimalText(units)} offered, ${decimalText(sellable)} left to sell, and shorts are off`,
  )
}

function admitBuy(
  request: OrderRequest,
  amounts: OrderAmounts,
  { listing, price, alreadyFilled }: Terms,
  { account }: AdmissionContext,
): Admission | Refusal {
  const admission = { status: 'admitted', listing, amounts } as const
  if (request.reduceOnly) return { ...admission, reserved: zero }
  const leaves = amounts.quantity.minus(alreadyFilled)
  const isInQuote = request.sizedIn === 'quote'
  if (price === undefined && !isInQuote) return { ...admission, reserved: zero }
  const units = isInQuote ? unitsWorth(listing, price, leaves) : leaves
  const notional = price === undefined || isInQuote ? leaves : worthOf(listing, price, leaves)
  const paid = listing.isContract ? notional.times(account.marginFraction(listing.instrument.symbol)) : notional
  const needed = paid.plus(feeToReserve(listing.fees, notional, units))
  const { currency } = listing.instrument
  const free = account.free(currency)
  if (needed.lte(free)) return { ...admission, reserved: needed }
  return refusal(
    'INSUFFICIENT_FUNDS',
    `${request.symbol}: the order needs ${decimalText(needed)} ${currency}, ${decimalText(free)} is free`,
  )
}

function worthOf({ multiplier }: VenueInstrument, price: Decimal, quantity: Decimal): Decimal {
  const worth = price.times(quantity)
  return multiplier === undefined ? worth : worth.times(multiplier)
}

/** The whole lots that an amount of currency comes to; none before the first price. */
function unitsWorth(listing: VenueInstrument, price: Decimal | undefined, amount: Decimal): Decimal {
  if (price === undefined) return zero
  return divide(amount, worthOf(listing, price, listing.lot), 0, 'down').times(listing.lot)
}
