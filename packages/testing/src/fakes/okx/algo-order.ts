import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimalText } from '@tradeswarm/trading'
import type { TriggerLeg } from './attached-algo.js'
import type { OkxListing } from './okx-instruments.js'

export type AlgoType = 'conditional' | 'oco' | 'trigger' | 'move_order_stop'
export type AlgoState = 'live' | 'effective' | 'canceled' | 'order_failed'

/** How far behind the best price a trailing stop follows, and from which price on. */
export type AlgoTrail = {
  readonly ratio: Decimal | undefined
  readonly spread: Decimal | undefined
  readonly activePrice: Decimal | undefined
}

/** The terms of an algo order, read from a request. */
export type AlgoTerms = {
  readonly listing: OkxListing
  readonly algoClOrdId: string
  readonly tag: string
  readonly side: 'buy' | 'sell'
  readonly ordType: AlgoType
  readonly tdMode: string
  /** Undefined where it closes whatever is held. */
  readonly size: Decimal | undefined
  readonly tgtCcy: '' | 'base_ccy' | 'quote_ccy'
  readonly reduceOnly: boolean
  /** Whether it ends with the position that it reduces. */
  readonly endsWithPosition: boolean
  readonly takeProfit: TriggerLeg | undefined
  readonly stopLoss: TriggerLeg | undefined
  readonly trigger: TriggerLeg | undefined
  readonly trail: AlgoTrail | undefined
}

/** An algo order that lives at the fake venue; it sets nothing aside. */
export type AlgoOrder = {
  readonly algoId: string
  terms: AlgoTerms
  state: AlgoState
  /** Of a trigger order: whether the price must rise to it, or fall. */
  readonly rises: boolean
  /** Of a trailing stop: the best price since it became active; undefined before. */
  best: Decimal | undefined
  ordId: string
  actualSide: '' | 'tp' | 'sl'
  actualPx: string
  actualSz: string
  failCode: string
  triggerTime: EpochMs | undefined
  readonly cTime: EpochMs
  uTime: EpochMs
}

/** Which channel tells of it. */
export function algoChannel({ ordType }: AlgoTerms): 'orders-algo' | 'algo-advance' {
  return ordType === 'move_order_stop' ? 'algo-advance' : 'orders-algo'
}

const text = (value: Decimal | undefined): string => (value === undefined ? '' : decimalText(value))
const priceText = (leg: TriggerLeg | undefined): string =>
  leg === undefined ? '' : leg.price === undefined ? '-1' : decimalText(leg.price)

/** Where a trailing stop is set off; empty before it is active. */
export function trailingLevel({ terms, best }: AlgoOrder): Decimal | undefined {
  const { trail, side } = terms
  if (trail === undefined || best === undefined) return undefined
  const distance = trail.spread ?? best.times(trail.ratio ?? best)
  return side === 'sell' ? best.minus(distance) : best.plus(distance)
}

/** The order as the lists and channels of algo orders tell it. */
export function algoJson(order: AlgoOrder, last: string, lever: string): Record<string, unknown> {
  const { terms } = order
  const { listing, takeProfit, stopLoss, trigger, trail } = terms
  return {
    activePx: text(trail?.activePrice),
    actualPx: order.actualPx,
    actualSide: order.actualSide,
    actualSz: order.actualSz,
    algoClOrdId: terms.algoClOrdId,
    algoId: order.algoId,
    amendPxOnTriggerType: '0',
    attachAlgoOrds: [],
    cTime: String(order.cTime),
    callbackRatio: text(trail?.ratio),
    callbackSpread: text(trail?.spread),
    ccy: '',
    chaseType: '',
    chaseVal: '',
    clOrdId: order.ordId === '' ? '' : `${order.algoId}_0`,
    closeFraction: terms.size === undefined ? '1' : '',
    failCode: order.failCode,
    instId: listing.instId,
    instType: listing.instType,
    isTradeBorrowMode: '',
    last,
    lever: listing.instType === 'SWAP' ? lever : '',
    linkedOrd: { ordId: '' },
    maxChaseType: '',
    maxChaseVal: '',
    moveTriggerPx: text(trailingLevel(order)),
    ordId: order.ordId,
    ordIdList: order.ordId === '' ? [] : [order.ordId],
    ordPx: priceText(trigger),
    ordType: terms.ordType,
    posSide: 'net',
    pxLimit: '',
    pxSpread: '',
    pxVar: '',
    quickMgnType: '',
    reduceOnly: String(terms.reduceOnly),
    side: terms.side,
    slOrdPx: priceText(stopLoss),
    slTriggerPx: text(stopLoss?.trigger),
    slTriggerPxType: stopLoss?.triggerType ?? '',
    state: order.state,
    sz: text(terms.size),
    szLimit: '',
    tag: terms.tag,
    tdMode: terms.tdMode,
    tgtCcy: terms.tgtCcy,
    timeInterval: '',
    tpOrdPx: priceText(takeProfit),
    tpTriggerPx: text(takeProfit?.trigger),
    tpTriggerPxType: takeProfit?.triggerType ?? '',
    tradeQuoteCcy: listing.instType === 'SPOT' ? listing.quote : '',
    triggerPx: text(trigger?.trigger),
    triggerPxType: trigger?.triggerType ?? '',
    triggerTime: order.triggerTime === undefined ? '' : String(order.triggerTime),
    uTime: String(order.uTime),
  }
}
