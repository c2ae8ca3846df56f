import { type Decimal, decimal, one } from '@tradeswarm/trading'
import type { AlgoTerms, AlgoTrail, AlgoType } from './algo-order.js'
import { checkLeg, type PriceType, readLeg, type TriggerLeg } from './attached-algo.js'
import type { OkxListing } from './okx-instruments.js'
import { emptyParameter, isRefusal, noInstrument, type OkxRefusal, refuse, wrongParameter } from './okx-refusal.js'
import { amountOf, isClientId, textOf } from './read-fields.js'
import { type Body, checkMode, checkSize, checkState, type OrderRules } from './read-order.js'

const types: readonly string[] = ['conditional', 'oco', 'trigger', 'move_order_stop']

/** Reads and checks the terms of a new algo order. Iceberg, TWAP and chase orders are not known here. */
export function readAlgo(body: Body, rules: OrderRules): AlgoTerms | OkxRefusal {
  const instId = textOf(body, 'instId')
  const listing = rules.instruments.find(instId)
  if (listing === undefined) return instId === '' ? emptyParameter('instId') : noInstrument()
  for (const field of ['tdMode', 'side', 'ordType']) if (textOf(body, field) === '') return emptyParameter(field)
  const closed = checkState(listing)
  if (closed !== undefined) return closed
  const [algoClOrdId, tag] = [textOf(body, 'algoClOrdId'), textOf(body, 'tag')]
  if (algoClOrdId !== '' && !isClientId(algoClOrdId)) return wrongParameter('algoClOrdId')
  if (tag !== '' && !isClientId(tag, 16)) return wrongParameter('tag')
  const [side, ordType, tdMode] = [textOf(body, 'side'), textOf(body, 'ordType'), textOf(body, 'tdMode')]
  if (side !== 'buy' && side !== 'sell') return wrongParameter('side')
  if (!types.includes(ordType)) return wrongParameter('ordType')
  const mode = checkMode({ listing, tdMode }, textOf(body, 'posSide'), rules)
  if (mode !== undefined) return mode
  const reduceOnly = listing.instType === 'SWAP' && String(body['reduceOnly']) === 'true'
  const size = readSize(body, listing, ordType, reduceOnly)
  if (isRefusal(size)) return size
  const parts = readParts(body, ordType as AlgoType, listing)
  if (isRefusal(parts)) return parts
  const tgtCcy = targetOf(body, listing, side, ordType)
  if (isRefusal(tgtCcy)) return tgtCcy
  const misfit =
    size === undefined || tgtCcy === 'quote_ccy' ? undefined : checkSize(listing, size, listing.maximumLimit)
  if (misfit !== undefined) return misfit
  const beyond = size === undefined || tgtCcy === 'quote_ccy' ? undefined : checkStop(listing, size, parts)
  if (beyond !== undefined) return beyond
  const endsWithPosition = String(body['cxlOnClosePos']) === 'true'
  if (endsWithPosition && !reduceOnly) return wrongParameter('cxlOnClosePos')
  const common = { listing, algoClOrdId, tag, side, tdMode, size, tgtCcy, reduceOnly, endsWithPosition } as const
  return { ...common, ordType: ordType as AlgoType, ...parts }
}

/** A stop that becomes a market order is held to what OKX takes of one: contracts, of spot an amount of currency. */
export function checkStop(
  listing: OkxListing,
  size: Decimal,
  { stopLoss }: Pick<Parts, 'stopLoss'>,
): OkxRefusal | undefined {
  if (stopLoss === undefined || stopLoss.price !== undefined) return undefined
  const measured = listing.instType === 'SWAP' ? size : size.times(stopLoss.trigger)
  return measured.gt(listing.maximumMarket)
    ? refuse('51005', 'Your order amount exceeds the max order amount.')
    : undefined
}

function readSize(
  body: Body,
  { instType }: OkxListing,
  ordType: string,
  reduceOnly: boolean,
): Decimal | OkxRefusal | undefined {
  const fraction = textOf(body, 'closeFraction')
  const size = amountOf(body, 'sz')
  if (fraction === '') return size ?? refuse('50015', 'Either parameter sz or closeFraction is required')
  const isPossible = fraction === '1' && instType === 'SWAP' && (ordType === 'conditional' || ordType === 'oco')
  return isPossible && reduceOnly && size === undefined ? undefined : wrongParameter('closeFraction')
}

/** The currency that `sz` is in where the order becomes one at the market's price. */
function targetOf(
  body: Body,
  { instType }: OkxListing,
  side: string,
  ordType: string,
): '' | 'base_ccy' | 'quote_ccy' | OkxRefusal {
  const given = textOf(body, 'tgtCcy')
  if (given !== '' && given !== 'base_ccy' && given !== 'quote_ccy') return wrongParameter('tgtCcy')
  if (given !== '' && ordType === 'trigger')
    return refuse('51281', 'Trigger order do not support the tgtCcy parameter.')
  if (instType === 'SWAP') return ''
  if (given !== '') return given
  return side === 'buy' && ordType === 'conditional' ? 'quote_ccy' : 'base_ccy'
}

type Parts = Pick<AlgoTerms, 'takeProfit' | 'stopLoss' | 'trigger' | 'trail'>

const noParts: Parts = { takeProfit: undefined, stopLoss: undefined, trigger: undefined, trail: undefined }

function readParts(body: Body, ordType: AlgoType, listing: OkxListing): Parts | OkxRefusal {
  if (ordType === 'trigger') {
    const trigger = readTrigger(body, listing)
    return isRefusal(trigger) ? trigger : { ...noParts, trigger }
  }
  if (ordType === 'move_order_stop') {
    const trail = readTrail(body, listing)
    return isRefusal(trail) ? trail : { ...noParts, trail }
  }
  const [takeProfit, stopLoss] = [readLeg(body, 'tp'), readLeg(body, 'sl')]
  if (isRefusal(takeProfit)) return takeProfit
  if (isRefusal(stopLoss)) return stopLoss
  const legs = [takeProfit, stopLoss].filter((leg) => leg !== undefined)
  if (legs.length === 0 || (ordType === 'oco' && legs.length < 2))
    return refuse('50015', 'Either parameter tpTriggerPx or slTriggerPx is required')
  const wrong = legs.map((leg) => checkLeg(leg, listing)).find((one) => one !== undefined)
  if (wrong !== undefined) return wrong
  // Of a conditional order with both, only the stop is honoured.
  const isStopAlone = ordType === 'conditional' && stopLoss !== undefined
  return { ...noParts, takeProfit: isStopAlone ? undefined : takeProfit, stopLoss }
}

function readTrigger(body: Body, listing: OkxListing): TriggerLeg | OkxRefusal {
  const trigger = amountOf(body, 'triggerPx')
  if (trigger === undefined) return emptyParameter('triggerPx')
  if (isRefusal(trigger)) return trigger
  const text = textOf(body, 'orderPx')
  if (text === '') return emptyParameter('orderPx')
  const price = text === '-1' ? undefined : amountOf(body, 'orderPx')
  if (isRefusal(price)) return price
  const triggerType = textOf(body, 'triggerPxType') || 'last'
  if (!['last', 'index', 'mark'].includes(triggerType)) return wrongParameter('triggerPxType')
  const leg: TriggerLeg = { trigger, triggerType: triggerType as PriceType, price }
  return checkLeg(leg, listing) ?? leg
}

function readTrail(body: Body, { tick }: OkxListing): AlgoTrail | OkxRefusal {
  const [ratio, spread, activePrice] = [
    amountOf(body, 'callbackRatio'),
    amountOf(body, 'callbackSpread'),
    amountOf(body, 'activePx'),
  ]
  if (isRefusal(ratio)) return ratio
  if (isRefusal(spread)) return spread
  if (isRefusal(activePrice)) return activePrice
  if ((ratio === undefined) === (spread === undefined))
    return ratio === undefined
      ? refuse('50015', 'Either parameter callbackRatio or callbackSpread is required')
      : refuse('50024', 'Parameter callbackRatio and callbackSpread can not exist at the same time.')
  if (ratio !== undefined && (ratio.lt(leastRatio) || ratio.gt(one)))
    return refuse('51257', 'Trailing stop order callback rate error.')
  if ([spread, activePrice].some((price) => price !== undefined && !price.mod(tick).isZero()))
    return refuse('51150', 'The precision of the number of trades or the price exceeds the limit.')
  return { ratio, spread, activePrice }
}

const leastRatio = decimal('0.001')
