import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimalText, divide, type OrderRequest, type TimeInForce, zero } from '@tradeswarm/trading'
import type { AttachedAlgo } from './attached-algo.js'
import { engineSymbol, marginModeOf } from './margin-mode.js'
import type { OkxListing } from './okx-instruments.js'

export type OkxOrderType = 'market' | 'limit' | 'post_only' | 'fok' | 'ioc' | 'optimal_limit_ioc'
export type OkxOrderState = 'live' | 'partially_filled' | 'filled' | 'canceled' | 'mmp_canceled'

/** The terms of an order, read from a request. */
export type OkxTerms = {
  readonly listing: OkxListing
  readonly clOrdId: string
  readonly tag: string
  readonly side: 'buy' | 'sell'
  readonly ordType: OkxOrderType
  readonly tdMode: string
  readonly size: Decimal
  readonly price: Decimal | undefined
  /** `quote_ccy` where `size` is an amount of the quote currency. */
  readonly tgtCcy: '' | 'base_ccy' | 'quote_ccy'
  readonly reduceOnly: boolean
  readonly stpMode: string
  readonly attached: readonly AttachedAlgo[]
}

/** The last execution of an order. */
export type OkxLastFill = {
  readonly tradeId: string
  readonly price: string
  readonly size: string
  readonly time: EpochMs
  /** Negative where it is paid. */
  readonly fee: string
  readonly feeCcy: string
  readonly pnl: string
  readonly execType: 'T' | 'M'
}

/** Where an order comes from, where it is not a plain one. */
export type OkxOrigin = { readonly source: string; readonly algoId: string; readonly algoClOrdId: string }

/** An order that lives at the fake venue. */
export type OkxOrder = {
  readonly ordId: string
  readonly sequence: number
  terms: OkxTerms
  /** What the matching engine knows it by; each amendment gives it another one. */
  engineId: string
  state: OkxOrderState
  /** In base coins, or contracts. */
  filled: Decimal
  /** Sum of price × quantity over its executions. */
  filledWorth: Decimal
  fee: Decimal
  feeCcy: string
  pnl: Decimal
  lastFill: OkxLastFill | undefined
  readonly cTime: EpochMs
  uTime: EpochMs
  cancelSource: string
  /** Why it is about to be cancelled, told when it is. */
  cancelWhy: string | undefined
  readonly origin: OkxOrigin
  readonly lever: string
}

export function isOpen({ state }: OkxOrder): boolean {
  return state === 'live' || state === 'partially_filled'
}

const immediate: ReadonlySet<OkxOrderType> = new Set(['market', 'fok', 'ioc', 'optimal_limit_ioc'])

/** True for an order that trades at once or not at all. */
export function isImmediate({ ordType }: OkxTerms): boolean {
  return immediate.has(ordType)
}

/** The order as the matching engine takes it. */
export function engineRequest(engineId: string, terms: OkxTerms, account: string): OrderRequest {
  const { listing, side, ordType, size, price, tgtCcy } = terms
  const isMarket = ordType === 'market' || ordType === 'optimal_limit_ioc'
  const timeInForce: TimeInForce = ordType === 'fok' ? 'fok' : isImmediate(terms) ? 'ioc' : 'gtc'
  return {
    account,
    clientOrderId: engineId,
    symbol: engineSymbol(listing.instId, marginModeOf(terms.tdMode)),
    side,
    type: isMarket ? 'market' : 'limit',
    quantity: decimalText(size),
    ...(tgtCcy === 'quote_ccy' ? { sizedIn: 'quote' as const } : {}),
    ...(price === undefined || isMarket ? {} : { limitPrice: decimalText(price) }),
    ...(ordType === 'post_only' ? { postOnly: true as const } : {}),
    timeInForce,
    reduceOnly: terms.reduceOnly,
  }
}

/** The order as `trade/order` and the lists tell it. */
export function orderJson(order: OkxOrder): Record<string, unknown> {
  const { terms, lastFill } = order
  const { listing } = terms
  const isSwap = listing.instType === 'SWAP'
  return {
    accFillSz: decimalText(order.filled),
    algoClOrdId: order.origin.algoClOrdId,
    algoId: order.origin.algoId,
    attachAlgoClOrdId: terms.attached[0]?.attachAlgoClOrdId ?? '',
    attachAlgoOrds: terms.attached.map(({ fields }) => fields),
    avgPx: averageOf(order) ?? '',
    cTime: String(order.cTime),
    cancelSource: order.cancelSource,
    cancelSourceReason: '',
    category: 'normal',
    ccy: '',
    clOrdId: terms.clOrdId,
    fee: decimalText(order.fee),
    feeCcy: order.feeCcy,
    fillPx: lastFill?.price ?? '',
    fillSz: lastFill?.size ?? '0',
    fillTime: lastFill === undefined ? '' : String(lastFill.time),
    instId: listing.instId,
    instType: listing.instType,
    isTpLimit: 'false',
    lever: order.lever,
    linkedAlgoOrd: { algoId: '' },
    ordId: order.ordId,
    ordType: terms.ordType,
    pnl: decimalText(order.pnl),
    posSide: 'net',
    px: terms.price === undefined ? '' : decimalText(terms.price),
    pxType: '',
    pxUsd: '',
    pxVol: '',
    quickMgnType: '',
    rebate: '0',
    rebateCcy: isSwap || terms.side === 'buy' ? listing.quote : listing.base,
    reduceOnly: String(terms.reduceOnly),
    side: terms.side,
    slOrdPx: '',
    slTriggerPx: '',
    slTriggerPxType: '',
    source: order.origin.source,
    state: order.state,
    stpId: '',
    stpMode: terms.stpMode,
    sz: decimalText(terms.size),
    tag: terms.tag,
    tdMode: terms.tdMode,
    tgtCcy: terms.tgtCcy,
    tpOrdPx: '',
    tpTriggerPx: '',
    tpTriggerPxType: '',
    tradeId: lastFill?.tradeId ?? '',
    tradeQuoteCcy: isSwap ? '' : listing.quote,
    uTime: String(order.uTime),
  }
}

/** What a message of the orders channel says besides the order itself. */
export type OrderUpdate = {
  readonly fill?: OkxLastFill
  readonly amendResult?: string
  readonly reqId?: string
  readonly lastPx: string
}

/** The order as the orders channel tells it: what was filled is that of this message alone. */
export function orderUpdateJson(order: OkxOrder, { fill, amendResult, reqId, lastPx }: OrderUpdate): object {
  const { listing, price, size } = order.terms
  const worth = (quantity: Decimal, at: Decimal): string => decimalText(quantity.times(at).times(listing.unit))
  const filledUsd = fill === undefined ? '' : worth(order.filled, divide(order.filledWorth, order.filled, 12, 'down'))
  return {
    ...orderJson(order),
    avgPx: averageOf(order) ?? '0',
    amendResult: amendResult ?? '',
    amendSource: amendResult === undefined ? '' : '1',
    code: '0',
    execType: fill?.execType ?? '',
    fillFee: fill?.fee ?? '0',
    fillFeeCcy: fill?.feeCcy ?? '',
    fillFwdPx: '',
    fillIdxPx: '',
    fillMarkPx: '',
    fillMarkVol: '',
    fillNotionalUsd: filledUsd,
    fillPnl: fill?.pnl ?? '0',
    fillPx: fill?.price ?? '',
    fillPxUsd: '',
    fillPxVol: '',
    fillSz: fill?.size ?? '0',
    fillTime: fill === undefined ? '' : String(fill.time),
    lastPx,
    msg: '',
    notionalUsd: price === undefined ? '' : worth(size, price),
    reqId: reqId ?? '',
    tradeId: fill?.tradeId ?? '',
  }
}

function averageOf({ filled, filledWorth }: OkxOrder): string | undefined {
  return filled.eq(zero) ? undefined : decimalText(divide(filledWorth, filled, 12, 'half-even'))
}
