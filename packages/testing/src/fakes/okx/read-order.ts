import { type Decimal, decimalText, zero } from '@tradeswarm/trading'
import { readAttached } from './attached-algo.js'
import type { OkxInstruments, OkxListing } from './okx-instruments.js'
import type { OkxOrderType, OkxTerms } from './okx-order.js'
import { emptyParameter, isRefusal, noInstrument, type OkxRefusal, refuse, wrongParameter } from './okx-refusal.js'
import { amountOf, isClientId, textOf } from './read-fields.js'

/** A JSON object of a request. */
export type Body = Readonly<Record<string, unknown>>

/** What of the account decides which orders it takes. */
export type OrderRules = {
  readonly instruments: OkxInstruments
  readonly accountLevel: '1' | '2' | '3'
  readonly positionMode: () => 'net_mode' | 'long_short_mode'
}

const orderTypes: readonly string[] = ['market', 'limit', 'post_only', 'fok', 'ioc', 'optimal_limit_ioc']
const stpModes: readonly string[] = ['cancel_maker', 'cancel_taker', 'cancel_both']

/** Reads and checks the terms of a new order as OKX does, as far as they do not depend on balances and the market. */
export function readOrder(body: Body, rules: OrderRules): OkxTerms | OkxRefusal {
  const listing = rules.instruments.named(body)
  if (listing === undefined) {
    const isNamed = textOf(body, 'instId') !== '' || body['instIdCode'] !== undefined
    return isNamed ? noInstrument() : emptyParameter('instId')
  }
  for (const field of ['tdMode', 'side', 'ordType', 'sz']) if (textOf(body, field) === '') return emptyParameter(field)
  const closed = checkState(listing)
  if (closed !== undefined) return closed
  const [clOrdId, tag] = [textOf(body, 'clOrdId'), textOf(body, 'tag')]
  if (clOrdId !== '' && !isClientId(clOrdId)) return wrongParameter('clOrdId')
  if (tag !== '' && !isClientId(tag, 16)) return wrongParameter('tag')
  const side = textOf(body, 'side')
  if (side !== 'buy' && side !== 'sell') return wrongParameter('side')
  const ordType = textOf(body, 'ordType')
  if (!orderTypes.includes(ordType)) return wrongParameter('ordType')
  if (ordType === 'optimal_limit_ioc' && listing.instType === 'SPOT') return wrongParameter('ordType')
  const [size, price] = [amountOf(body, 'sz'), amountOf(body, 'px')]
  if (size === undefined || isRefusal(size)) return wrongParameter('sz')
  if (isRefusal(price)) return price
  const tradeQuoteCcy = textOf(body, 'tradeQuoteCcy')
  if (listing.instType === 'SPOT' && tradeQuoteCcy !== '' && tradeQuoteCcy !== listing.quote)
    return wrongParameter('tradeQuoteCcy')
  const attached = readAttached(body, listing)
  if (isRefusal(attached)) return attached
  const stpMode = textOf(body, 'stpMode') || 'cancel_maker'
  if (!stpModes.includes(stpMode)) return wrongParameter('stpMode')
  const terms: OkxTerms = {
    listing,
    clOrdId,
    tag,
    side,
    ordType: ordType as OkxOrderType,
    tdMode: textOf(body, 'tdMode'),
    size,
    price: isMarket(ordType) ? undefined : price,
    tgtCcy: '',
    reduceOnly: listing.instType === 'SWAP' && String(body['reduceOnly']) === 'true',
    stpMode,
    attached,
  }
  return checkMode(terms, textOf(body, 'posSide'), rules) ?? withTarget(terms, textOf(body, 'tgtCcy'))
}

/** Nothing is taken of what does not trade. */
export function checkState({ state }: OkxListing): OkxRefusal | undefined {
  if (state === 'suspend') return refuse('51022', 'Contract suspended.')
  return state === 'preopen' ? refuse('51021', 'The pair or contract is not yet listed') : undefined
}

const isMarket = (ordType: string): boolean => ordType === 'market' || ordType === 'optimal_limit_ioc'

/** Which `tdMode` and `posSide` the account takes. */
export function checkMode(
  { listing, tdMode, stpMode, ordType }: Pick<OkxTerms, 'listing' | 'tdMode'> & Partial<OkxTerms>,
  posSide: string,
  { accountLevel, positionMode }: OrderRules,
): OkxRefusal | undefined {
  const unsupported = refuse('51010', 'Request unsupported under current account mode')
  if (listing.instType === 'SPOT') {
    if (tdMode !== (accountLevel === '3' ? 'cross' : 'cash')) return tdModeRefusal(tdMode, unsupported)
  } else {
    if (accountLevel === '1') return unsupported
    if (tdMode !== 'cross' && tdMode !== 'isolated') return tdModeRefusal(tdMode, unsupported)
    // The matching engine inside keeps net positions.
    if (positionMode() !== 'net_mode') return posSide === '' ? wrongParameter('posSide') : unsupported
    if (posSide !== '' && posSide !== 'net') return wrongParameter('posSide')
  }
  if (stpMode === 'cancel_both' && ordType === 'fok') return refuse('54036', 'Cancel both does not support FOK orders')
  return undefined
}

function tdModeRefusal(tdMode: string, unsupported: OkxRefusal): OkxRefusal {
  return ['cash', 'cross', 'isolated', 'spot_isolated'].includes(tdMode) ? unsupported : wrongParameter('tdMode')
}

/** In which currency a spot market order is sized; the bounds that do not depend on the market. */
function withTarget(terms: OkxTerms, given: string): OkxTerms | OkxRefusal {
  const { listing, ordType, side, size, price, attached } = terms
  if (!isMarket(ordType)) {
    if (price === undefined) return refuse('51204', 'The price for the limit order cannot be empty.')
    return checkSize(listing, size, listing.maximumLimit) ?? checkWorth(terms) ?? terms
  }
  if (listing.instType === 'SWAP') {
    if (size.gt(listing.maximumMarket)) return refuse('51202', 'Market order amount exceeds the maximum amount.')
    return checkSize(listing, size, listing.maximumMarket) ?? terms
  }
  if (given !== '' && given !== 'base_ccy' && given !== 'quote_ccy') return wrongParameter('tgtCcy')
  const usual = side === 'buy' ? 'quote_ccy' : 'base_ccy'
  const tgtCcy = given === '' ? usual : (given as 'base_ccy' | 'quote_ccy')
  if (attached.length > 0 && tgtCcy !== usual)
    return refuse('51044', `The order type ${ordType}, ${tgtCcy} is not allowed to set stop loss and take profit`)
  if (tgtCcy === 'base_ccy') return checkSize(listing, size, undefined) ?? { ...terms, tgtCcy }
  if (size.lte(listing.maximumMarket)) return { ...terms, tgtCcy }
  return refuse('51201', `The value of a market order can't exceed ${decimalText(listing.maximumMarket)}.`)
}

/** The minimum, the lot and the maximum of a quantity. */
export function checkSize(
  { lot, minimum }: OkxListing,
  size: Decimal,
  maximum: Decimal | undefined,
): OkxRefusal | undefined {
  if (size.lt(minimum)) return refuse('51020', 'Your order should meet or exceed the minimum order amount.')
  if (!size.mod(lot).eq(zero)) return refuse('51121', 'Order quantity must be a multiple of the lot size.')
  if (maximum !== undefined && size.gt(maximum))
    return refuse('51005', 'Your order amount exceeds the max order amount.')
  return undefined
}

/** What a limit order may be worth at its price. */
export function checkWorth({
  listing,
  size,
  price,
}: Pick<OkxTerms, 'listing' | 'size' | 'price'>): OkxRefusal | undefined {
  if (price === undefined || size.times(listing.unit).times(price).lte(listing.maximumWorth)) return undefined
  return refuse('51203', 'Limit order amount exceeds the maximum amount.')
}
