import {
  type Explanation,
  emptyQuantity,
  isOffGrid,
  offTick,
  RefusalWords,
  readAmount,
  type VenueRefusal,
} from '@tradeswarm/broker-kit'
import { type Decimal, type OrderRequest, one, zero } from '@tradeswarm/trading'
import type { AlpacaAsset } from './parse-account.js'

/** Alpaca counts units to so many decimals. */
const finestStep = '0.000000001'

const words = new RefusalWords('Alpaca', {
  remedies: {
    SELF_TRADE_PREVENTION: 'cancel the order of the other side first, or use a bracket',
    PRICE_PRECISION: 'use at most 2 decimals from a dollar on and 4 below, or the step of the pair',
    QUANTITY_PRECISION: 'order whole units of it, or of a pair multiples of its step',
    NOTIONAL_BELOW_MINIMUM: 'order for more than the minimum, 1 USD of fractions and 10 USD of crypto',
    INSTRUMENT_NOT_FOUND: 'check the symbol; Alpaca may not list it, or no longer',
    PDT_RESTRICTED: 'the account is held to three day trades in five days',
  },
  fields: { NOTIONAL_BELOW_MINIMUM: ['quantity', 'limitPrice'] },
})

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
  return words.explanation({ number, said: message, code, own, remedy: words.remedy(code, request) })
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
  const tickOf = (price: Decimal): string =>
    asset?.isCrypto === true ? (asset.priceStep ?? '0.000000001') : price.gte(one) ? '0.01' : '0.0001'
  return emptyQuantity(request) ?? offStep(request, asset) ?? offTick(request, tickOf)
}

function offStep({ quantity: given }: OrderRequest, asset: AlpacaAsset | undefined): Explanation | undefined {
  const quantity = readAmount(given)
  if (quantity === undefined) return undefined
  const isWhole = quantity.mod(one).eq(zero)
  const step = asset?.quantityStep ?? finestStep
  const fault =
    !isWhole && asset !== undefined && !asset.isCrypto && !asset.fractionable
      ? 'is no whole number: order whole units of it'
      : isOffGrid(quantity, step)
        ? `is no multiple of ${step}`
        : undefined
  return fault === undefined ? undefined : { code: 'QUANTITY_PRECISION', message: `quantity: ${given} ${fault}` }
}
