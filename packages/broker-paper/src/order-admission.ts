import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, type OrderRequest, zero } from '@tradeswarm/trading'
import { feeOf } from './fee-schedule.js'
import type { OrderBook } from './order-book.js'
import type { PaperAccount } from './paper-account.js'
import type { PaperBrokerSettings, VenueInstrument } from './paper-broker-options.js'
import { leavesOf } from './resting-order.js'
import { slippedPrice } from './slippage.js'

/** Why the venue turned an order away. */
export type Refusal = { readonly status: 'refused'; readonly code: string; readonly message: string }

/** An order that the venue takes, parsed. */
export type Admission = {
  readonly status: 'admitted'
  readonly listing: VenueInstrument
  readonly quantity: Decimal
  readonly limitPrice: Decimal | undefined
  readonly stopPrice: Decimal | undefined
  /** Cash to set aside for a buy. */
  readonly reserved: Decimal
}

/** What admission looks at. */
export type AdmissionContext = {
  readonly settings: PaperBrokerSettings
  readonly account: PaperAccount
  readonly book: OrderBook
  /** The last price of a symbol, as a decimal text. */
  readonly lastPrice: (symbol: string) => string | undefined
}

const clientOrderIdPattern = /^[\x21-\x7e]{1,128}$/

/** Checks an order as a venue does: form, grid, direction, then funds. */
export function admitOrder(request: OrderRequest, context: AdmissionContext): Admission | Refusal {
  const listing = context.settings.instruments.get(request.symbol)
  if (listing === undefined) return refusal('INSTRUMENT_NOT_FOUND', `${request.symbol} is not traded here`)
  const malformed = checkForm(request, context.settings)
  if (malformed !== undefined) return malformed
  let parsed: ParsedAmounts
  try {
    parsed = parseAmounts(request)
  } catch (thrown) {
    if (!SwarmError.isInstance(thrown)) throw thrown
    return refusal('INVALID_ORDER', thrown.message)
  }
  const offGrid = checkGrid(parsed, listing)
  if (offGrid !== undefined) return offGrid
  const wrongWay = checkDirection(request, parsed.quantity, listing, context)
  if (wrongWay !== undefined) return wrongWay
  return checkFunds(request, parsed, listing, context)
}

type ParsedAmounts = {
  readonly quantity: Decimal
  readonly limitPrice: Decimal | undefined
  readonly stopPrice: Decimal | undefined
}

function checkForm(request: OrderRequest, settings: PaperBrokerSettings): Refusal | undefined {
  const { type, limitPrice, stopPrice } = request
  if (!clientOrderIdPattern.test(request.clientOrderId)) {
    return refusal('INVALID_CLIENT_ORDER_ID', 'clientOrderId: use 1 to 128 printable ASCII characters without spaces')
  }
  if (request.account !== settings.account) {
    return refusal('INVALID_ORDER', `account: this is "${settings.account}", the order is for "${request.account}"`)
  }
  if ((limitPrice !== undefined) !== (type === 'limit'))
    return refusal('INVALID_ORDER', `limitPrice: a limit order needs one, no other takes one (type is ${type})`)
  if ((stopPrice !== undefined) !== (type === 'stop'))
    return refusal('INVALID_ORDER', `stopPrice: a stop order needs one, no other takes one (type is ${type})`)
  return undefined
}

function parseAmounts(request: OrderRequest): ParsedAmounts {
  return {
    quantity: decimal(request.quantity, 'quantity'),
    limitPrice: request.limitPrice === undefined ? undefined : decimal(request.limitPrice, 'limitPrice'),
    stopPrice: request.stopPrice === undefined ? undefined : decimal(request.stopPrice, 'stopPrice'),
  }
}

function checkGrid(amounts: ParsedAmounts, listing: VenueInstrument): Refusal | undefined {
  const { lotSize, tickSize } = listing.instrument
  if (amounts.quantity.lte(zero)) return refusal('QUANTITY_BELOW_MINIMUM', 'quantity: it must be above 0')
  if (!amounts.quantity.mod(listing.lot).eq(zero)) {
    return refusal(
      'QUANTITY_PRECISION',
      `quantity: ${decimalText(amounts.quantity)} is not a multiple of the lot ${lotSize}`,
    )
  }
  const price = amounts.limitPrice ?? amounts.stopPrice
  if (price === undefined) return undefined
  if (price.lte(zero)) return refusal('PRICE_PRECISION', 'price: it must be above 0')
  if (!price.mod(listing.tick).eq(zero)) {
    return refusal('PRICE_PRECISION', `price: ${decimalText(price)} is not a multiple of the tick ${tickSize}`)
  }
  return undefined
}

function checkDirection(
  request: OrderRequest,
  quantity: Decimal,
  listing: VenueInstrument,
  context: AdmissionContext,
): Refusal | undefined {
  const { asset } = listing.instrument
  const held = context.account.total(asset)
  if (request.reduceOnly) {
    const reduces = request.side === 'sell' ? held.gt(zero) : held.lt(zero)
    if (reduces) return undefined
    return refusal(
      'REDUCE_ONLY_WOULD_INCREASE_POSITION',
      `${request.symbol}: there is no position for a reduce-only ${request.side} to reduce`,
    )
  }
  if (request.side === 'buy' || context.settings.allowShorts) return undefined
  let offered = zero
  for (const order of context.book.ofSymbol(request.symbol)) {
    if (order.request.side === 'sell' && !order.request.reduceOnly) offered = offered.plus(leavesOf(order))
  }
  const sellable = held.minus(offered)
  if (quantity.lte(sellable)) return undefined
  return refusal(
    'NOT_SHORTABLE',
    `${request.symbol}: ${decimalText(quantity)} offered, ${decimalText(sellable)} left to sell, and shorts are off`,
  )
}

function checkFunds(
  request: OrderRequest,
  amounts: ParsedAmounts,
  listing: VenueInstrument,
  context: AdmissionContext,
): Admission | Refusal {
  const { settings, account } = context
  const { currency } = listing.instrument
  const price = expectedPrice(request, amounts, listing, context)
  const isTooSmall = price?.times(amounts.quantity).lt(listing.minimumNotional) ?? false
  // An exit is never too small to leave by.
  if (isTooSmall && !request.reduceOnly) {
    return refusal(
      'NOTIONAL_BELOW_MINIMUM',
      `${request.symbol}: the order is worth less than ${listing.instrument.minimumNotional} ${currency}`,
    )
  }
  const admission = { status: 'admitted', listing, ...amounts } as const
  if (price === undefined || request.side === 'sell' || request.reduceOnly) return { ...admission, reserved: zero }
  const needed = price.times(amounts.quantity).plus(feeOf(settings.fees, 'buy', price, amounts.quantity))
  const free = account.free(currency)
  if (needed.lte(free)) return { ...admission, reserved: needed }
  return refusal(
    'INSUFFICIENT_FUNDS',
    `${request.symbol}: the order needs ${decimalText(needed)} ${currency}, ${decimalText(free)} is free`,
  )
}

/** The limit; else the stop, or the last price, with slippage. Undefined for a market order before the first price: the fill is held to the cash then. */
function expectedPrice(
  request: OrderRequest,
  amounts: ParsedAmounts,
  listing: VenueInstrument,
  context: AdmissionContext,
): Decimal | undefined {
  if (amounts.limitPrice !== undefined) return amounts.limitPrice
  const last = context.lastPrice(request.symbol)
  const base = amounts.stopPrice ?? (last === undefined ? undefined : decimal(last, 'price'))
  return base === undefined
    ? undefined
    : slippedPrice(base, request.side, context.settings.slippageBasisPoints, listing.tick)
}

function refusal(code: string, message: string): Refusal {
  return { status: 'refused', code, message }
}
