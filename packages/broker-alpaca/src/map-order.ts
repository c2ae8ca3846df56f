import { type Explanation, requestFault, type Unmappable, unmappable } from '@tradeswarm/broker-kit'
import {
  type Decimal,
  decimal,
  decimalText,
  type OrderRequest,
  type OrderType,
  one,
  roundToStep,
  type TimeInForce,
  zero,
} from '@tradeswarm/trading'
import { withStop } from './exit-legs.js'
import { toVenueSymbol } from './symbols.js'

/** A new order, as `POST /v2/orders` takes it. */
export type OrderWire = {
  readonly symbol: string
  /** Units, or `notional` instead: an amount of dollars. */
  readonly qty?: string
  readonly notional?: string
  readonly side: 'buy' | 'sell'
  readonly type: 'market' | 'limit' | 'stop' | 'stop_limit' | 'trailing_stop'
  readonly time_in_force: 'day' | 'gtc' | 'opg' | 'cls' | 'ioc' | 'fok'
  readonly client_order_id: string
  readonly limit_price?: string
  readonly stop_price?: string
  readonly trail_price?: string
  readonly trail_percent?: string
  readonly position_intent?: 'buy_to_close' | 'sell_to_close'
  readonly order_class?: 'bracket' | 'oco' | 'oto'
  readonly take_profit?: { readonly limit_price: string }
  readonly stop_loss?: { readonly stop_price: string; readonly limit_price?: string }
}

/** An amendment, as `PATCH /v2/orders/{id}` takes it. */
export type AmendmentWire = {
  readonly client_order_id: string
  readonly qty?: string
  readonly limit_price?: string
  readonly stop_price?: string
  readonly trail?: string
  readonly time_in_force?: OrderWire['time_in_force']
}

const types: Readonly<Record<OrderType, OrderWire['type']>> = {
  // The target: its stop is a leg of it.
  oco: 'limit',
  market: 'market',
  limit: 'limit',
  stop: 'stop',
  'stop-limit': 'stop_limit',
  'trailing-stop': 'trailing_stop',
}
const times: Readonly<Record<TimeInForce, OrderWire['time_in_force'] | undefined>> = {
  day: 'day',
  gtc: 'gtc',
  gtd: undefined,
  ioc: 'ioc',
  fok: 'fok',
  'at-open': 'opg',
  'at-close': 'cls',
}

/** What an order is mapped with besides itself. */
export type MappingTerms = {
  /** Whose orders are taken. */
  readonly account: string
  /** How far below its level a stop of crypto may sell. */
  readonly cryptoStopFraction: Decimal
  /** The steps of a pair's prices. */
  readonly priceStep: string | undefined
  /** Whether parts of a unit may be held. */
  readonly inFractions: boolean
}

/**
 * An order of ours in Alpaca's words. It has no stops for crypto, only stop-limits: a stop becomes one whose limit is so far beyond its level,
 * so that it fills unless the price leaps over that.
 */
export function orderWire(request: OrderRequest, terms?: MappingTerms): OrderWire | Unmappable {
  // Before what such an order would need.
  if (request.timeInForce === 'gtd') return unmappable('UNSUPPORTED_TIME_IN_FORCE', 'timeInForce: Alpaca has no gtd')
  const fault = requestFault(request, terms?.account) ?? unitsFault(request, terms)
  if (fault !== undefined) return unmappable(fault.code, fault.message)
  if (request.type === 'oco') return pairWire(request, terms)
  const wire = plainWire(request, terms)
  const isCryptoStop = request.type === 'stop' && isCrypto(request)
  if ('unmappable' in wire || !isCryptoStop || terms === undefined || wire.stop_price === undefined) return wire
  const level = decimal(wire.stop_price, 'stopPrice')
  const away = level.times(terms.cryptoStopFraction)
  const limit = request.side === 'sell' ? level.minus(away) : level.plus(away)
  const step = decimal(terms.priceStep ?? '0.000000001')
  const rounded = roundToStep(limit, step, request.side === 'sell' ? 'down' : 'up')
  return { ...wire, type: 'stop_limit', limit_price: decimalText(rounded) }
}

/** A target with its stop. */
function pairWire(request: OrderRequest, terms?: MappingTerms): OrderWire | Unmappable {
  const { stopPrice, ...target } = request
  const { limitPrice, side, timeInForce } = target
  if (isCrypto(request)) return unmappable('UNSUPPORTED_ORDER_TYPE', 'type: Alpaca has no oco orders for crypto')
  if (timeInForce !== 'day' && timeInForce !== 'gtc')
    return unmappable(
      'UNSUPPORTED_TIME_IN_FORCE',
      `timeInForce: an oco order is day or gtc at Alpaca, not ${timeInForce}`,
    )
  if (limitPrice === undefined || stopPrice === undefined)
    return unmappable(
      'INVALID_ORDER',
      `${limitPrice === undefined ? 'limitPrice' : 'stopPrice'}: an oco order needs it`,
    )
  const [high, low] = side === 'sell' ? [limitPrice, stopPrice] : [stopPrice, limitPrice]
  if (!decimal(high, 'limitPrice').gt(decimal(low, 'stopPrice')))
    return unmappable('INVALID_ORDER', `limitPrice: of an oco ${side} it lies on the winning side of its stopPrice`)
  const wire = plainWire(target, terms)
  return 'unmappable' in wire ? wire : withStop(wire, { stopPrice })
}

/** We write pairs of crypto with a dash. */
export function isCrypto({ symbol }: Pick<OrderRequest, 'symbol'>): boolean {
  return symbol.includes('-')
}

/** What is wrong with the symbol or the units of an order. What is held in parts of a share may be left, whatever the options say. */
function unitsFault(
  { symbol, quantity, sizedIn, reduceOnly }: OrderRequest,
  terms?: MappingTerms,
): Explanation | undefined {
  if (symbol.includes('/'))
    return {
      code: 'INSTRUMENT_NOT_FOUND',
      message: `symbol: there is no "${symbol}"; write ${symbol.replace('/', '-')}`,
    }
  if (terms === undefined || terms.inFractions || reduceOnly || sizedIn !== undefined) return undefined
  return decimal(quantity, 'quantity').mod(one).eq(zero)
    ? undefined
    : {
        code: 'QUANTITY_PRECISION',
        message: `quantity: ${quantity} is no whole number of shares; set fractionalShares for parts of them`,
      }
}

/** Crypto knows no day at Alpaca. An order at the market does not rest: it means the same until it is cancelled. */
function timeOf(request: OrderRequest): OrderWire['time_in_force'] | undefined {
  const { type, timeInForce } = request
  return type === 'market' && timeInForce === 'day' && isCrypto(request) ? 'gtc' : times[timeInForce]
}

function plainWire(request: OrderRequest, terms?: MappingTerms): OrderWire | Unmappable {
  const tif = timeOf(request)
  if (tif === undefined)
    return unmappable('UNSUPPORTED_TIME_IN_FORCE', `timeInForce: Alpaca has no ${request.timeInForce}`)
  if (request.postOnly === true) return unmappable('UNSUPPORTED_ORDER_TYPE', 'postOnly: Alpaca has no such orders')
  const fault = request.sizedIn === undefined ? undefined : amountFault(request, terms)
  if (fault !== undefined) return fault
  const trails = request.type === 'trailing-stop'
  if (trails && request.stopPrice !== undefined)
    return unmappable(
      'UNSUPPORTED_ORDER_TYPE',
      'stopPrice: at Alpaca a trailing stop cannot start at a level of its own',
    )
  const { limitPrice, stopPrice, trailAmount, trailFraction } = request
  return {
    symbol: toVenueSymbol(request.symbol),
    ...(request.sizedIn === undefined ? { qty: request.quantity } : { notional: request.quantity }),
    side: request.side,
    type: types[request.type],
    time_in_force: isExitOfFractions(request) ? 'day' : tif,
    client_order_id: request.clientOrderId,
    ...(limitPrice === undefined ? {} : { limit_price: limitPrice }),
    ...(stopPrice === undefined ? {} : { stop_price: stopPrice }),
    ...(trailAmount === undefined ? {} : { trail_price: trailAmount }),
    ...(trailFraction === undefined ? {} : { trail_percent: percent(trailFraction) }),
    ...(request.reduceOnly ? { position_intent: `${request.side}_to_close` as const } : {}),
  }
}

/** An exit of parts of a share that is to rest: Alpaca has them for the day only. It ends with the session, and whoever protects the position sends it anew. */
function isExitOfFractions(request: OrderRequest): boolean {
  const { reduceOnly, timeInForce, quantity, sizedIn } = request
  if (!reduceOnly || timeInForce !== 'gtc' || sizedIn !== undefined || isCrypto(request)) return false
  return !decimal(quantity, 'quantity').mod(one).eq(zero)
}

/** What Alpaca does not take of an order for an amount of dollars: it buys parts of a share at the market and for the day, or crypto. */
function amountFault(request: OrderRequest, terms?: MappingTerms): Unmappable | undefined {
  const { symbol, type, timeInForce, quantity } = request
  if (type !== 'market')
    return unmappable(
      'UNSUPPORTED_ORDER_TYPE',
      `sizedIn: at Alpaca a ${type} order is sized in units; use a market order`,
    )
  if (isCrypto(request)) return undefined
  if (timeInForce !== 'day')
    return unmappable(
      'UNSUPPORTED_TIME_IN_FORCE',
      'timeInForce: at Alpaca an order of shares for an amount is a day order',
    )
  if (terms?.inFractions !== true)
    return unmappable(
      'QUANTITY_PRECISION',
      `sizedIn: an amount buys parts of a share: set fractionalShares, and check that ${symbol} is fractionable; or order units`,
    )
  if (!decimal(quantity, 'quantity').mod(cent).eq(zero))
    return unmappable('QUANTITY_PRECISION', `quantity: Alpaca takes whole cents, not ${quantity}; round it down`)
  return undefined
}

/** What an amendment changes. `before` is what the venue holds: symbol and side cannot change there. */
export function amendmentWire(
  request: OrderRequest,
  before: { readonly symbol: string; readonly side: string; readonly type: string },
  terms?: MappingTerms,
): AmendmentWire | Unmappable {
  if (request.type === 'oco')
    return unmappable(
      'ORDER_NOT_AMENDABLE',
      'type: target and stop of an oco order are not amended in one: cancel it and send another',
    )
  const wire = orderWire(request, terms)
  if ('unmappable' in wire) return wire
  if (wire.qty === undefined)
    return unmappable(
      'ORDER_NOT_AMENDABLE',
      'sizedIn: Alpaca amends no order for an amount: cancel it and send another',
    )
  if (request.symbol !== before.symbol || request.side !== before.side || wire.type !== before.type)
    return unmappable(
      'INVALID_ORDER',
      'symbol, side and type of an order cannot be amended: cancel it and send another',
    )
  const trail = wire.trail_price ?? wire.trail_percent
  return {
    client_order_id: wire.client_order_id,
    qty: wire.qty,
    time_in_force: wire.time_in_force,
    ...(wire.limit_price === undefined ? {} : { limit_price: wire.limit_price }),
    ...(wire.stop_price === undefined ? {} : { stop_price: wire.stop_price }),
    ...(trail === undefined ? {} : { trail }),
  }
}

const hundred = decimal('100')
const cent = decimal('0.01')

function percent(fraction: string): string {
  return decimalText(decimal(fraction, 'trailFraction').times(hundred))
}
