import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, type OrderRequest, one, zero } from '@tradeswarm/trading'
import type { VenueInstrument } from './paper-broker-options.js'
import type { OrderAmounts } from './resting-order.js'
import type { Trail } from './trailing-level.js'

/** Why the venue turned an order away. The message begins with the field that is wrong. */
export type Refusal = { readonly status: 'refused'; readonly code: string; readonly message: string }

export function refusal(code: string, message: string): Refusal {
  return { status: 'refused', code, message }
}

const clientOrderIdPattern = /^[\x21-\x7e]{1,128}$/
const orderTypes: ReadonlySet<string> = new Set(['market', 'limit', 'stop', 'stop-limit', 'trailing-stop', 'oco'])
const timesInForce: ReadonlySet<string> = new Set(['day', 'gtc', 'gtd', 'ioc', 'fok', 'at-open', 'at-close'])
/** The times in force of orders that may rest at any time. */
export const restingTimes: ReadonlySet<string> = new Set(['day', 'gtc', 'gtd'])
/** The finest amount of a currency that an order may be sized in. */
const quoteStep = decimal('0.00000001')

/** Checks what an order says of itself: fields that fit its type. */
export function checkForm(request: OrderRequest, account: string, now: number): Refusal | undefined {
  if (typeof request.clientOrderId !== 'string' || !clientOrderIdPattern.test(request.clientOrderId)) {
    return refusal('INVALID_CLIENT_ORDER_ID', 'clientOrderId: use 1 to 128 printable ASCII characters without spaces')
  }
  if (request.account !== account)
    return refusal('INVALID_ORDER', `account: this is "${account}", the order is for "${request.account}"`)
  if (!orderTypes.has(request.type))
    return refusal('UNSUPPORTED_ORDER_TYPE', `type: "${String(request.type)}" is not known here`)
  if (!timesInForce.has(request.timeInForce))
    return refusal('UNSUPPORTED_TIME_IN_FORCE', `timeInForce: "${String(request.timeInForce)}" is not known here`)
  if (request.side !== 'buy' && request.side !== 'sell')
    return refusal('INVALID_ORDER', `side: "${String(request.side)}" is neither buy nor sell`)
  if (request.sizedIn !== undefined && request.sizedIn !== 'quote')
    return refusal('INVALID_ORDER', 'sizedIn: use "quote" or leave it out')
  return checkPrices(request) ?? checkTime(request, now) ?? checkPair(request)
}

function checkPrices(request: OrderRequest): Refusal | undefined {
  const { type, limitPrice, stopPrice, trailAmount, trailFraction } = request
  const isLimit = type === 'limit' || type === 'stop-limit' || type === 'oco'
  if ((limitPrice !== undefined) !== isLimit)
    return refusal('INVALID_ORDER', `limitPrice: a limit order needs one, no other takes one (type is ${type})`)
  const isStop = type === 'stop' || type === 'stop-limit' || type === 'oco'
  if ((stopPrice !== undefined) !== isStop && type !== 'trailing-stop')
    return refusal('INVALID_ORDER', `stopPrice: a stop order needs one, no other takes one (type is ${type})`)
  const trails = Number(trailAmount !== undefined) + Number(trailFraction !== undefined)
  if (trails !== (type === 'trailing-stop' ? 1 : 0))
    return refusal(
      'INVALID_ORDER',
      `trailAmount: a trailing stop needs it or trailFraction, no other order takes one (type is ${type})`,
    )
  return undefined
}

/** A target and a stop in one are the exits of a position, and rest. */
function checkPair({ type, timeInForce, reduceOnly, sizedIn }: OrderRequest): Refusal | undefined {
  if (type !== 'oco') return undefined
  if (!reduceOnly) return refusal('INVALID_ORDER', 'reduceOnly: an oco order only reduces a position')
  if (sizedIn !== undefined) return refusal('INVALID_ORDER', 'sizedIn: an oco order is sized in units')
  if (restingTimes.has(timeInForce)) return undefined
  return refusal('UNSUPPORTED_TIME_IN_FORCE', `timeInForce: an oco order rests, and ${timeInForce} does not`)
}

function checkTime(request: OrderRequest, now: number): Refusal | undefined {
  const { type, timeInForce, expiresAt, postOnly } = request
  if ((expiresAt !== undefined) !== (timeInForce === 'gtd'))
    return refusal('INVALID_ORDER', 'expiresAt: a gtd order needs one, no other takes one')
  if (expiresAt !== undefined && !(Number.isSafeInteger(expiresAt) && expiresAt > now))
    return refusal('INVALID_ORDER', `expiresAt: ${String(expiresAt)} is not an instant to come`)
  const isForAuction = timeInForce === 'at-open' || timeInForce === 'at-close'
  if (isForAuction && type !== 'market' && type !== 'limit')
    return refusal('UNSUPPORTED_TIME_IN_FORCE', `timeInForce: a ${type} order cannot wait for an auction alone`)
  if (postOnly !== undefined && typeof postOnly !== 'boolean')
    return refusal('INVALID_ORDER', 'postOnly: use true, or leave it out')
  if (postOnly === true && !(type === 'limit' && restingTimes.has(timeInForce)))
    return refusal('INVALID_ORDER', 'postOnly: only a limit order that may rest takes it')
  return undefined
}

/** Parses the amounts and holds them to the instrument's grid and bounds. */
export function parseAmounts(request: OrderRequest, listing: VenueInstrument): OrderAmounts | Refusal {
  let amounts: OrderAmounts
  try {
    const isPair = request.type === 'oco'
    const limit = request.limitPrice === undefined ? undefined : decimal(request.limitPrice, 'limitPrice')
    amounts = {
      quantity: decimal(request.quantity, 'quantity'),
      limitPrice: isPair ? undefined : limit,
      targetPrice: isPair ? limit : undefined,
      stopPrice: request.stopPrice === undefined ? undefined : decimal(request.stopPrice, 'stopPrice'),
      trail: parseTrail(request),
    }
  } catch (thrown) {
    if (!SwarmError.isInstance(thrown)) throw thrown
    return refusal('INVALID_ORDER', thrown.message)
  }
  return (
    checkQuantity(request, amounts.quantity, listing) ??
    checkGrid(amounts, listing) ??
    checkSides(request, amounts) ??
    amounts
  )
}

/** A target lies on the winning side of its stop. */
function checkSides({ side }: OrderRequest, { targetPrice, stopPrice }: OrderAmounts): Refusal | undefined {
  if (targetPrice === undefined || stopPrice === undefined) return undefined
  if (side === 'sell' ? targetPrice.gt(stopPrice) : targetPrice.lt(stopPrice)) return undefined
  const way = side === 'sell' ? 'above' : 'below'
  return refusal('INVALID_ORDER', `limitPrice: of an oco ${side} it must lie ${way} its stopPrice`)
}

function parseTrail({ trailAmount, trailFraction }: OrderRequest): Trail | undefined {
  if (trailAmount !== undefined) return { amount: decimal(trailAmount, 'trailAmount') }
  return trailFraction === undefined ? undefined : { fraction: decimal(trailFraction, 'trailFraction') }
}

function checkQuantity(request: OrderRequest, quantity: Decimal, listing: VenueInstrument): Refusal | undefined {
  if (quantity.lte(zero)) return refusal('QUANTITY_BELOW_MINIMUM', 'quantity: it must be above 0')
  if (request.sizedIn === 'quote') {
    if (quantity.mod(quoteStep).eq(zero)) return undefined
    return refusal('QUANTITY_PRECISION', `quantity: an amount of currency has at most 8 decimals`)
  }
  const { lotSize, minimumQuantity, maximumQuantity } = listing.instrument
  if (!quantity.mod(listing.lot).eq(zero)) {
    return refusal('QUANTITY_PRECISION', `quantity: ${decimalText(quantity)} is not a multiple of the lot ${lotSize}`)
  }
  // An exit is never too small to leave by.
  if (listing.minimumQuantity !== undefined && quantity.lt(listing.minimumQuantity) && !request.reduceOnly)
    return refusal('QUANTITY_BELOW_MINIMUM', `quantity: an order is of at least ${minimumQuantity}`)
  if (listing.maximumQuantity !== undefined && quantity.gt(listing.maximumQuantity))
    return refusal('QUANTITY_EXCEEDS_MAXIMUM', `quantity: an order is of at most ${maximumQuantity}`)
  return undefined
}

function checkGrid(
  { limitPrice, targetPrice, stopPrice, trail }: OrderAmounts,
  listing: VenueInstrument,
): Refusal | undefined {
  return (
    checkPrice('limitPrice', limitPrice ?? targetPrice, listing) ??
    checkPrice('stopPrice', stopPrice, listing) ??
    checkTrail(trail, listing)
  )
}

function checkTrail(trail: Trail | undefined, listing: VenueInstrument): Refusal | undefined {
  if (trail === undefined) return undefined
  if ('amount' in trail) return checkPrice('trailAmount', trail.amount, listing)
  if (trail.fraction.gt(zero) && trail.fraction.lt(one)) return undefined
  return refusal('PRICE_PRECISION', 'trailFraction: it must be above 0 and below 1')
}

function checkPrice(field: string, price: Decimal | undefined, listing: VenueInstrument): Refusal | undefined {
  if (price === undefined) return undefined
  if (price.lte(zero)) return refusal('PRICE_PRECISION', `${field}: it must be above 0`)
  if (price.mod(listing.tick).eq(zero)) return undefined
  const tick = listing.instrument.tickSize
  return refusal('PRICE_PRECISION', `${field}: ${decimalText(price)} is not a multiple of the tick ${tick}`)
}
