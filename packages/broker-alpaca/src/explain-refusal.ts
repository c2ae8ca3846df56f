import {
  type Explanation,
  isOffGrid,
  type OrderField,
  priceFields,
  readAmount,
  remedyFor,
  type VenueRefusal,
} from '@tradeswarm/broker-kit'
import { type OrderRequest, one, zero } from '@tradeswarm/trading'
import type { AlpacaAsset } from './parse-account.js'

const remedies: Readonly<Record<string, string>> = {
  INSUFFICIENT_FUNDS: 'order less, or cancel buys that are open',
  NOT_SHORTABLE: 'sell no more than is held and not offered already; cancel the sale that holds it',
  SELF_TRADE_PREVENTION: 'cancel the order of the other side first, or use a bracket',
  PRICE_PRECISION: 'use at most 2 decimals from a dollar on and 4 below, or the step of the pair',
  QUANTITY_PRECISION: 'order whole units of it',
  QUANTITY_BELOW_MINIMUM: 'order more',
  NOTIONAL_BELOW_MINIMUM: 'order for more than the minimum, 1 USD of fractions and 10 USD of crypto',
  INSTRUMENT_NOT_FOUND: 'check the symbol; Alpaca may not list it, or no longer',
  REDUCE_ONLY_WOULD_INCREASE_POSITION: 'there is no position for it to reduce',
  PDT_RESTRICTED: 'the account is held to three day trades in five days',
  TRADING_HALTED: 'wait until the symbol trades again',
  ORDER_NOT_OPEN: 'nothing is left to do: it has ended',
  ORDER_NOT_FOUND: 'Alpaca knows no such order',
  ORDER_NOT_AMENDABLE: 'wait until the order is open, or cancel it and send another',
  INVALID_ORDER: 'correct what is named',
  VENUE_REFUSED: 'see what Alpaca says; the account may not be allowed to do this',
}

/** What of an order a code is about. */
const fieldsOf: Readonly<Record<string, readonly OrderField[]>> = {
  INSUFFICIENT_FUNDS: ['symbol', 'quantity', 'limitPrice'],
  NOT_SHORTABLE: ['symbol', 'quantity'],
  PRICE_PRECISION: ['limitPrice', 'stopPrice'],
  QUANTITY_PRECISION: ['quantity'],
  QUANTITY_BELOW_MINIMUM: ['quantity'],
  NOTIONAL_BELOW_MINIMUM: ['quantity', 'limitPrice'],
  INSTRUMENT_NOT_FOUND: ['symbol'],
}

/** Why Alpaca refused an order. Its texts may change: what the order itself shows is looked at first. */
export function explainRefusal(
  refusal: VenueRefusal,
  request: OrderRequest | undefined,
  asset: AlpacaAsset | undefined,
): Explanation {
  const own = ownFault(request, asset)
  const code = codeOf(refusal, request, own)
  const { status, venueCode, message } = refusal
  const number = venueCode === 0 ? String(status) : `${status}/${venueCode}`
  const remedy = remedyFor(request, fieldsOf[code], remedies[code] ?? 'see what Alpaca says')
  return { code, message: `Alpaca ${number}: ${message}; ${own?.code === code ? own.message : remedy}` }
}

function codeOf(
  { venueCode, status, message, details }: VenueRefusal,
  request: OrderRequest | undefined,
  own: Explanation | undefined,
): string {
  const isSaid = (pattern: RegExp): boolean => pattern.test(message)
  if (venueCode === 40310100) return 'PDT_RESTRICTED'
  if (venueCode === 40310010) return 'TRADING_HALTED'
  if ('existing_order_id' in details || isSaid(/wash trade/i)) return 'SELF_TRADE_PREVENTION'
  if ('buying_power' in details || isSaid(/buying power/i)) return 'INSUFFICIENT_FUNDS'
  if ('balance' in details || isSaid(/insufficient balance/i))
    return request?.side === 'sell' ? 'NOT_SHORTABLE' : 'INSUFFICIENT_FUNDS'
  if ('held_for_orders' in details || isSaid(/insufficient qty|to short|cannot be sold short/i))
    return request?.side === 'buy' ? 'REDUCE_ONLY_WOULD_INCREASE_POSITION' : 'NOT_SHORTABLE'
  if (isSaid(/position intent/i)) return 'REDUCE_ONLY_WOULD_INCREASE_POSITION'
  if (isSaid(/asset .*not found|not tradable|not active/i)) return 'INSTRUMENT_NOT_FOUND'
  if (isSaid(/already in|no longer open|not cancelable/i)) return 'ORDER_NOT_OPEN'
  if (isSaid(/cannot replace|not changed|chain not fully replaced|must be > filled/i)) return 'ORDER_NOT_AMENDABLE'
  if (status === 404) return 'ORDER_NOT_FOUND'
  return (
    own?.code ??
    (isSaid(/cost basis|minimal amount/i) ? 'NOTIONAL_BELOW_MINIMUM' : undefined) ??
    (isSaid(/fractionable/i) ? 'QUANTITY_PRECISION' : undefined) ??
    (isSaid(/sub-penny|pricing criteria/i) ? 'PRICE_PRECISION' : undefined) ??
    (status === 403 ? 'VENUE_REFUSED' : 'INVALID_ORDER')
  )
}

/** What is wrong with an order by Alpaca's published rules of price and quantity. */
function ownFault(request: OrderRequest | undefined, asset: AlpacaAsset | undefined): Explanation | undefined {
  if (request === undefined) return undefined
  const quantity = readAmount(request.quantity)
  if (quantity?.lte(zero))
    return { code: 'QUANTITY_BELOW_MINIMUM', message: `quantity: ${request.quantity} is not above 0` }
  const isWhole = quantity?.mod(one).eq(zero) ?? true
  if (!isWhole && asset !== undefined && !asset.isCrypto && !asset.fractionable)
    return {
      code: 'QUANTITY_PRECISION',
      message: `quantity: ${request.quantity} is no whole number: order whole units of it`,
    }
  for (const field of priceFields) {
    const price = readAmount(request[field] ?? '')
    if (price === undefined) continue
    const step = asset?.isCrypto === true ? (asset.priceStep ?? '0.000000001') : price.gte(one) ? '0.01' : '0.0001'
    if (isOffGrid(price, step))
      return { code: 'PRICE_PRECISION', message: `${field}: ${request[field]} is no multiple of ${step}` }
  }
  return undefined
}
