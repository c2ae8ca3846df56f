import {
  type Explanation,
  emptyQuantity,
  isOffGrid,
  type OrderField,
  offTick,
  RefusalWords,
  readAmount,
  type VenueRefusal,
} from '@tradeswarm/broker-kit'
import { decimal, type OrderRequest } from '@tradeswarm/trading'
import type { OkxListing } from './instruments.js'

const words = new RefusalWords('OKX', {
  remedies: {
    INSUFFICIENT_FUNDS:
      'order less, or cancel buys that are open; what is in the funding account must be moved to trading first',
    PRICE_PRECISION: 'use a multiple of the tick of the instrument',
    QUANTITY_PRECISION: 'use a multiple of the lot of the instrument',
    QUANTITY_EXCEEDS_MAXIMUM: 'split the order',
    NOTIONAL_EXCEEDS_MAX_PER_ORDER: 'split the order',
    PRICE_OUT_OF_BAND: 'use a price nearer to the market',
    INSTRUMENT_NOT_FOUND: 'check the symbol; OKX may not list it on this site, or no longer',
    STOP_ALREADY_REACHED: 'the market is past it: leave with a market order, or set it on the other side of the price',
    TOO_MANY_ORDERS: 'cancel orders that are open, or wait until some have ended',
    REQUEST_EXPIRED: 'nothing was placed; decide anew, and look at the clock of this machine if it happens again',
    ACCOUNT_MODE: 'set the mode of the account at OKX: futures mode or higher for swaps, one-way positions',
  },
  fields: {
    PRICE_PRECISION: ['quantity', 'limitPrice', 'stopPrice', 'trailAmount', 'trailFraction'],
    QUANTITY_EXCEEDS_MAXIMUM: ['quantity'],
    NOTIONAL_EXCEEDS_MAX_PER_ORDER: ['quantity', 'limitPrice'],
    PRICE_OUT_OF_BAND: ['limitPrice', 'stopPrice'],
    STOP_ALREADY_REACHED: ['stopPrice'],
  },
})

const codes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    INSUFFICIENT_FUNDS: '51008 51119 51127 51131 51502',
    INSTRUMENT_NOT_FOUND: '51001 51021',
    TRADING_HALTED: '51022 51027 51028 51029 51030',
    QUANTITY_EXCEEDS_MAXIMUM: '51005 51101 51202 51203',
    NOTIONAL_EXCEEDS_MAX_PER_ORDER: '51201',
    PRICE_OUT_OF_BAND: '51006 51116 51137 51138',
    QUANTITY_BELOW_MINIMUM: '51007 51020 51120 50122',
    QUANTITY_PRECISION: '51121',
    PRICE_PRECISION: '51150',
    REDUCE_ONLY_WOULD_INCREASE_POSITION: '51112 51169 51170 51171 51205',
    STOP_ALREADY_REACHED:
      '51258 51259 51277 51278 51279 51280 51300 51301 51302 51303 51304 51305 51306 51307 51308 51046 51047 51048 51049 51050 51051 51052 51053',
    TOO_MANY_ORDERS: '51025 51102 51174',
    REQUEST_EXPIRED: '50036 50037',
    ORDER_NOT_OPEN: '51400 51401 51402 51410 51416',
    ORDER_NOT_FOUND: '51603 51620',
    ORDER_NOT_AMENDABLE: '51500 51503 51506 51510 51511 51513',
    ACCOUNT_MODE: '51010 51115 51176',
    VENUE_REFUSED: '51024 51155 50051 50052 50038 50053',
  }).flatMap(([code, numbers]) => numbers.split(' ').map((number) => [number, code] as const)),
)

/** Whether OKX refused a stop since the market is past its level already. */
export function isReached({ venueCode }: VenueRefusal): boolean {
  return codes.get(String(venueCode)) === 'STOP_ALREADY_REACHED'
}

/** What OKX calls the fields of an order. */
const ourNames: Readonly<Record<string, OrderField>> = {
  instId: 'symbol',
  sz: 'quantity',
  px: 'limitPrice',
  slOrdPx: 'limitPrice',
  tpTriggerPx: 'limitPrice',
  slTriggerPx: 'stopPrice',
  callbackSpread: 'trailAmount',
  callbackRatio: 'trailFraction',
}

/** Why OKX refused an order. Its texts may change, and some codes say little: what the order itself shows is looked at first. */
export function explainRefusal(
  refusal: VenueRefusal,
  request: OrderRequest | undefined,
  listing: OkxListing | undefined,
): Explanation {
  const { venueCode, message } = refusal
  const own = ownFault(request, listing)
  const code = codeOf(String(venueCode), request, listing, own)
  const said = message.replace(/\.$/, '')
  return words.explanation({ number: String(venueCode), said, code, own, remedy: remedyOf(code, said, request) })
}

function codeOf(
  venueCode: string,
  request: OrderRequest | undefined,
  listing: OkxListing | undefined,
  own: Explanation | undefined,
): string {
  const said = codes.get(venueCode)
  if (said === 'INSUFFICIENT_FUNDS' && request?.side === 'sell' && listing?.isSwap === false) return 'NOT_SHORTABLE'
  if (said !== undefined && said !== 'PRICE_PRECISION') return said
  return own?.code ?? said ?? (request === undefined ? 'VENUE_REFUSED' : 'INVALID_ORDER')
}

/** What to do, with the values of the order that it is about. */
function remedyOf(code: string, said: string, request: OrderRequest | undefined): string {
  if (code === 'PRICE_PRECISION') return words.remedy(code, request, 'use fewer decimals of what OKX means')
  const remedy = words.remedy(code, request)
  if (code !== 'INVALID_ORDER') return remedy
  const meant = said.split(/[^A-Za-z]+/).flatMap((word) => (Object.hasOwn(ourNames, word) ? [ourNames[word]] : []))[0]
  if (request === undefined || meant === undefined) return remedy
  return `${meant}: ${request[meant] ?? 'it is missing'}: correct it`
}

/** What is wrong with an order by the grid of its instrument. */
function ownFault(request: OrderRequest | undefined, listing: OkxListing | undefined): Explanation | undefined {
  if (request === undefined) return undefined
  if (listing === undefined)
    return { code: 'INSTRUMENT_NOT_FOUND', message: remedyOf('INSTRUMENT_NOT_FOUND', '', request) }
  const { tickSize, lotSize, minimumQuantity } = listing.instrument
  const fault = emptyQuantity(request) ?? offTick(request, () => tickSize)
  if (fault !== undefined) return fault
  const quantity = readAmount(request.quantity)
  if (request.sizedIn === 'quote' || quantity === undefined) return undefined
  if (isOffGrid(quantity, lotSize))
    return { code: 'QUANTITY_PRECISION', message: `quantity: ${request.quantity} is no multiple of the lot ${lotSize}` }
  if (minimumQuantity === undefined || quantity.gte(decimal(minimumQuantity))) return undefined
  return {
    code: 'QUANTITY_BELOW_MINIMUM',
    message: `quantity: ${request.quantity} is less than the minimum ${minimumQuantity}`,
  }
}

/** A post-only order that would have taken: OKX acknowledges it, and cancels it at once. */
export const postOnlyRefusal: Explanation = {
  code: 'POST_ONLY_WOULD_TRADE',
  message: 'OKX cancelled it on arrival (31): it would have traded at once; use a price that rests',
}

/** An order that would have traded with another of the account. */
export const selfTradeRefusal: Explanation = {
  code: 'SELF_TRADE_PREVENTION',
  message:
    'OKX cancelled it on arrival (32): it would have traded with an order of this account; cancel that one first',
}

/** An amendment that OKX took note of, and then did not make. */
export const amendmentFailed: Explanation = {
  code: 'ORDER_NOT_AMENDABLE',
  message: 'OKX took note of the amendment and did not make it: the order is as it was, or has ended',
}

/** A stop that was set off, and whose order OKX did not take. */
export function failedAlgo(failCode: string): Explanation {
  const code = codes.get(failCode) ?? 'VENUE_REFUSED'
  return {
    code,
    message: `OKX ${failCode || 'order_failed'}: it was set off, and the order that it makes was not taken; ${words.remedy(code, undefined)}`,
  }
}
