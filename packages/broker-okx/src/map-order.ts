import { requestFault, type Unmappable, unmappable } from '@tradeswarm/broker-kit'
import type { EpochMs } from '@tradeswarm/core'
import { decimal, type OrderRequest, type OrderType } from '@tradeswarm/trading'
import { tagOf } from './order-tag.js'
import type { OkxAlgo, OkxOrder } from './parse-order.js'

/** A new order, as `POST trade/order` takes it. */
export type OrderWire = {
  readonly instId: string
  readonly tdMode: 'cash' | 'cross' | 'isolated'
  readonly clOrdId: string
  readonly side: 'buy' | 'sell'
  readonly ordType: 'market' | 'limit' | 'post_only' | 'ioc' | 'fok' | 'optimal_limit_ioc'
  readonly sz: string
  readonly px?: string
  readonly tgtCcy?: 'base_ccy' | 'quote_ccy'
  readonly banAmend?: true
  readonly reduceOnly?: boolean
  readonly tradeQuoteCcy?: string
  readonly stpMode?: 'cancel_maker' | 'cancel_taker'
  readonly tag?: string
  readonly attachAlgoOrds?: readonly AttachedWire[]
}

/** An exit that an entry brings with it. OKX makes it once the entry has filled whole. */
export type AttachedWire = {
  readonly attachAlgoClOrdId?: string
  readonly tpTriggerPx?: string
  readonly tpOrdPx?: string
  readonly slTriggerPx?: string
  readonly slOrdPx?: string
}

/** A new algo order, as `POST trade/order-algo` takes it. `-1` is the market's price. */
export type AlgoWire = {
  readonly instId: string
  readonly tdMode: 'cash' | 'cross' | 'isolated'
  readonly algoClOrdId: string
  readonly side: 'buy' | 'sell'
  readonly ordType: 'conditional' | 'oco' | 'move_order_stop'
  readonly sz: string
  readonly tgtCcy?: 'base_ccy'
  readonly reduceOnly?: boolean
  readonly slTriggerPx?: string
  readonly slOrdPx?: string
  readonly slTriggerPxType?: 'last'
  readonly tpTriggerPx?: string
  readonly tpOrdPx?: string
  readonly tpTriggerPxType?: 'last'
  readonly callbackRatio?: string
  readonly callbackSpread?: string
  readonly tag?: string
}

/** An order of ours in OKX's words. */
export type Mapped =
  | { readonly kind: 'order'; readonly wire: OrderWire }
  | { readonly kind: 'algo'; readonly wire: AlgoWire }

/** What an order is mapped with besides itself. */
export type MappingTerms = {
  /** Whose orders are taken; anybody's where it is left out. */
  readonly account?: string
  readonly isSwap: boolean
  readonly tdMode: OrderWire['tdMode']
  /** What is paid with, where it must be named. */
  readonly paidWith?: string | undefined
  /** Now, by the venue's clock. */
  readonly now: EpochMs
  /** For an order at the market that takes all or nothing, which OKX knows with a price only: one that the market reaches for certain. */
  readonly reachedPrice?: string
}

const waitsForPrice: ReadonlySet<OrderType> = new Set(['stop', 'stop-limit', 'trailing-stop', 'oco'])

const clientIds = /^[A-Za-z0-9]{1,32}$/

/** Whether an id may be that of an order at OKX. */
export function isClientId(id: string): boolean {
  return clientIds.test(id)
}

/** An order of ours in OKX's words. */
export function mapOrder(request: OrderRequest, terms: MappingTerms): Mapped | Unmappable {
  const odd = requestFault(request, terms.account)
  const fault = odd === undefined ? faultOf(request, terms) : unmappable(odd.code, odd.message)
  if (fault !== undefined) return fault
  return waitsForPrice.has(request.type)
    ? { kind: 'algo', wire: algoWire(request, terms) }
    : { kind: 'order', wire: orderWire(request, terms) }
}

/** Whether {@link mapOrder} needs a `reachedPrice`. */
export function needsReachedPrice({ type, timeInForce }: OrderRequest): boolean {
  return type === 'market' && timeInForce === 'fok'
}

function orderWire(request: OrderRequest, { isSwap, tdMode, now, reachedPrice, paidWith }: MappingTerms): OrderWire {
  const { symbol, clientOrderId, side, quantity, sizedIn, reduceOnly } = request
  const ordType = orderTypeOf(request, isSwap)
  const px = ordType === 'fok' && request.type === 'market' ? reachedPrice : request.limitPrice
  const tag = tagOf(request, now)
  return {
    instId: symbol,
    tdMode,
    clOrdId: clientOrderId,
    side,
    ordType,
    sz: quantity,
    ...(px === undefined ? {} : { px }),
    // Left out, a buy at the market would spend so much money, and OKX would make one smaller that the balance does not pay for.
    ...(isSwap || ordType !== 'market'
      ? {}
      : { tgtCcy: sizedIn === 'quote' ? ('quote_ccy' as const) : ('base_ccy' as const), banAmend: true as const }),
    ...(isSwap && reduceOnly ? { reduceOnly: true } : {}),
    ...(paidWith === undefined ? {} : { tradeQuoteCcy: paidWith }),
    // An exit goes before what rests; an entry gives way to it.
    stpMode: reduceOnly ? 'cancel_maker' : 'cancel_taker',
    ...(tag === undefined ? {} : { tag }),
  }
}

function orderTypeOf({ type, timeInForce, postOnly }: OrderRequest, isSwap: boolean): OrderWire['ordType'] {
  if (postOnly === true) return 'post_only'
  if (timeInForce === 'fok') return 'fok'
  if (type === 'market') return isSwap && timeInForce === 'ioc' ? 'optimal_limit_ioc' : 'market'
  return timeInForce === 'ioc' ? 'ioc' : 'limit'
}

function algoWire(request: OrderRequest, { isSwap, tdMode, now }: MappingTerms): AlgoWire {
  const { symbol, clientOrderId, side, quantity, reduceOnly } = request
  const tag = tagOf(request, now)
  const base = {
    instId: symbol,
    tdMode,
    algoClOrdId: clientOrderId,
    side,
    sz: quantity,
    ...(isSwap ? {} : { tgtCcy: 'base_ccy' as const }),
    ...(isSwap && reduceOnly ? { reduceOnly: true } : {}),
    ...(tag === undefined ? {} : { tag }),
  }
  if (request.type === 'trailing-stop') {
    const { trailAmount, trailFraction } = request
    return {
      ...base,
      ordType: 'move_order_stop',
      ...(trailAmount === undefined ? {} : { callbackSpread: trailAmount }),
      ...(trailFraction === undefined ? {} : { callbackRatio: trailFraction }),
    }
  }
  const stop: AlgoWire = {
    ...base,
    ordType: 'conditional',
    slTriggerPx: request.stopPrice ?? '',
    slTriggerPxType: 'last',
    slOrdPx: request.type === 'stop-limit' ? (request.limitPrice ?? '') : '-1',
  }
  // At the market: a limit order that the target makes may rest, and the stop is gone by then.
  return request.type === 'oco' ? withTarget(stop, request.limitPrice ?? '') : stop
}

/** A stop and a target on one position, of which one cancels the other. `target` is at the market unless a price is given. */
export function withTarget(stop: AlgoWire, targetPrice: string, limitPrice?: string): AlgoWire {
  return { ...stop, ordType: 'oco', tpTriggerPx: targetPrice, tpTriggerPxType: 'last', tpOrdPx: limitPrice ?? '-1' }
}

/** An amendment, as `POST trade/amend-order` takes it. `newSz` is the whole size, what was filled included. */
export type AmendWire = {
  readonly instId: string
  readonly ordId: string
  readonly newSz?: string
  readonly newPx?: string
  readonly reqId?: string
}

/** An amendment of a stop, as `POST trade/amend-algos` takes it. */
export type AmendAlgoWire = {
  readonly instId: string
  readonly algoId: string
  readonly newSz?: string
  readonly newSlTriggerPx?: string
  readonly newSlOrdPx?: string
  readonly reqId?: string
}

/** What of an order an amendment is to change; undefined where it is at those terms already. */
export function amendmentWire(
  request: OrderRequest,
  { symbol: instId, id: ordId, quantity, price }: OkxOrder,
): AmendWire | undefined {
  const { quantity: newSz, limitPrice: newPx, clientOrderId: reqId } = request
  const changes = { ...changed('newSz', newSz, quantity), ...changed('newPx', newPx, price) }
  return Object.keys(changes).length === 0 ? undefined : { instId, ordId, ...changes, reqId }
}

/** {@link amendmentWire}, of a stop. */
export function algoAmendmentWire(request: OrderRequest, algo: OkxAlgo): AmendAlgoWire | undefined {
  const { quantity: newSz, stopPrice, limitPrice, clientOrderId: reqId } = request
  const changes = {
    ...changed('newSz', newSz, algo.quantity),
    ...changed('newSlTriggerPx', stopPrice, algo.stopPrice),
    ...changed('newSlOrdPx', limitPrice, algo.limitPrice),
  }
  return Object.keys(changes).length === 0 ? undefined : { instId: algo.symbol, algoId: algo.id, ...changes, reqId }
}

function changed<Field extends string>(
  field: Field,
  wanted: string | undefined,
  is: string | undefined,
): { readonly [Key in Field]?: string } {
  if (wanted === undefined || (is !== undefined && decimal(wanted).eq(decimal(is)))) return {}
  return { [field]: wanted } as { readonly [Key in Field]: string }
}

function faultOf(request: OrderRequest, { isSwap, reachedPrice, now }: MappingTerms): Unmappable | undefined {
  const { type, timeInForce, limitPrice, stopPrice, sizedIn, side, expiresAt } = request
  if (!isClientId(request.clientOrderId))
    return unmappable('INVALID_ORDER', 'clientOrderId: OKX takes 1 to 32 letters and digits')
  if (timeInForce === 'at-open' || timeInForce === 'at-close')
    return unmappable('UNSUPPORTED_TIME_IN_FORCE', `timeInForce: OKX has no ${timeInForce}: its markets never close`)
  if (expiresAt !== undefined && expiresAt <= now)
    return unmappable('INVALID_ORDER', 'expiresAt: it is past by the clock of OKX')
  if (type === 'trailing-stop' && stopPrice !== undefined)
    return unmappable('UNSUPPORTED_ORDER_TYPE', 'stopPrice: at OKX a trailing stop cannot start at a level of its own')
  if (sizedIn === 'quote' && (isSwap || type !== 'market'))
    return unmappable(
      'UNSUPPORTED_ORDER_TYPE',
      'sizedIn: OKX sizes only spot orders at the market in currency; give units',
    )
  const isAtOnce = timeInForce === 'ioc' || timeInForce === 'fok'
  // That is a limit order to OKX, whose size it takes for coins whatever is said.
  if (sizedIn === 'quote' && timeInForce === 'fok')
    return unmappable('UNSUPPORTED_ORDER_TYPE', 'sizedIn: OKX sizes no fok order in currency; give units, or use ioc')
  if (type === 'oco' && !isBeyond(side, limitPrice, stopPrice))
    return unmappable('INVALID_ORDER', `limitPrice: of an oco ${side} it lies on the winning side of its stopPrice`)
  if (isAtOnce && waitsForPrice.has(type))
    return unmappable('INVALID_ORDER', `timeInForce: a ${type} order waits, and ${timeInForce} does not`)
  if (request.postOnly === true && (type !== 'limit' || isAtOnce))
    return unmappable('INVALID_ORDER', 'postOnly: only limit orders that rest can be')
  if (needsReachedPrice(request) && reachedPrice === undefined)
    return unmappable('UNSUPPORTED_ORDER_TYPE', 'timeInForce: there is no price yet to send fok at; give a limit price')
  if (!isSwap && request.reduceOnly && side === 'buy')
    return unmappable('REDUCE_ONLY_WOULD_INCREASE_POSITION', 'reduceOnly: to buy a coin reduces nothing')
  return undefined
}

/** Whether a target lies on the winning side of a stop. */
function isBeyond(side: OrderRequest['side'], target = '0', stop = '0'): boolean {
  const [high, low] = side === 'sell' ? [target, stop] : [stop, target]
  return decimal(high, 'limitPrice').gt(decimal(low, 'stopPrice'))
}
