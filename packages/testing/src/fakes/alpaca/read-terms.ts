import { type Decimal, decimal, zero } from '@tradeswarm/trading'
import type { FakeAssets, ListedAsset } from './fake-assets.js'
import type { FakeOrderClass, FakeOrderType, FakeTerms, FakeTimeInForce } from './fake-order.js'
import { type FakeRefusal, forbidden, invalid, isRefusal, malformed, refuse } from './fake-refusal.js'

const types: readonly string[] = ['market', 'limit', 'stop', 'stop_limit', 'trailing_stop']
const times: readonly string[] = ['day', 'gtc', 'opg', 'cls', 'ioc', 'fok']
const classes: readonly string[] = ['', 'simple', 'bracket', 'oco', 'oto']
const intents: readonly string[] = ['buy_to_open', 'buy_to_close', 'sell_to_open', 'sell_to_close']

/** A JSON object of a request. */
export type Body = Readonly<Record<string, unknown>>

/** Reads and checks the terms of a new order as Alpaca does, as far as they do not depend on the account. */
export function readTerms(body: Body, assets: FakeAssets): FakeTerms | FakeRefusal {
  const asset = typeof body['symbol'] === 'string' ? assets.find(body['symbol']) : undefined
  if (asset === undefined) return invalid(`asset "${String(body['symbol'])}" not found`)
  if (!asset.tradable) return invalid(`asset ${asset.symbol} is not tradable`)
  const { side, type, time_in_force: tif, order_class: given = '', position_intent: intent } = body
  if (side !== 'buy' && side !== 'sell') return malformed('invalid side')
  if (typeof type !== 'string' || !types.includes(type)) return malformed('invalid order type')
  if (!isTimeInForce(tif)) return malformed('invalid time_in_force')
  if (typeof given !== 'string' || !classes.includes(given)) return malformed('invalid order_class')
  if (intent !== undefined && (typeof intent !== 'string' || !intents.includes(intent)))
    return malformed('invalid position_intent')
  // The target of a pair is read where that of any group is; `limit_price` counts for nothing.
  const amounts = readAmounts(given === 'oco' ? { ...body, limit_price: targetOf(body) } : body)
  if (isRefusal(amounts)) return amounts
  const terms: FakeTerms = {
    asset,
    side,
    type: type as FakeOrderType,
    timeInForce: tif,
    ...amounts,
    extendedHours: body['extended_hours'] === true,
    orderClass: given as FakeOrderClass,
    positionIntent: intent ?? '',
    reduces: given === 'oco',
  }
  return checkTerms(terms) ?? terms
}

export function isTimeInForce(value: unknown): value is FakeTimeInForce {
  return typeof value === 'string' && times.includes(value)
}

function targetOf(body: Body): unknown {
  const target = body['take_profit']
  return typeof target === 'object' && target !== null ? (target as Body)['limit_price'] : undefined
}

type Amounts = Pick<FakeTerms, 'quantity' | 'notional' | 'limitPrice' | 'stopPrice' | 'trailPrice' | 'trailPercent'>

function readAmounts(body: Body): Amounts | FakeRefusal {
  try {
    return {
      quantity: amount(body, 'qty'),
      notional: amount(body, 'notional'),
      limitPrice: amount(body, 'limit_price'),
      stopPrice: amount(body, 'stop_price'),
      trailPrice: amount(body, 'trail_price'),
      trailPercent: amount(body, 'trail_percent'),
    }
  } catch (thrown) {
    return malformed(thrown instanceof Error ? thrown.message : 'invalid number')
  }
}

/** A number as text or as JSON number; undefined where there is none. Throws for what is neither. */
export function amount(body: Body, field: string): Decimal | undefined {
  const value = body[field]
  if (value === undefined || value === null || value === '') return undefined
  return decimal(typeof value === 'number' ? String(value) : (value as string), field)
}

/** Checks what an order is of, as far as it does not depend on the account: of a new one, and of one that is amended. */
export function checkTerms(terms: FakeTerms): FakeRefusal | undefined {
  const { quantity, notional, type, limitPrice, stopPrice, trailPrice, trailPercent } = terms
  if ((quantity === undefined) === (notional === undefined)) return malformed('qty or notional is required, not both')
  if ((quantity ?? notional ?? zero).lte(zero)) return malformed('qty must be > 0')
  const isLimit = type === 'limit' || type === 'stop_limit'
  if (isLimit !== (limitPrice !== undefined))
    return invalid(isLimit ? 'limit orders require limit price' : 'market orders must not have a limit price')
  const isStop = type === 'stop' || type === 'stop_limit'
  if (isStop !== (stopPrice !== undefined))
    return invalid(isStop ? 'stop orders require stop price' : `${type} orders must not have a stop price`)
  const trails = Number(trailPrice !== undefined) + Number(trailPercent !== undefined)
  if (trails !== (type === 'trailing_stop' ? 1 : 0))
    return invalid('trailing_stop orders must specify one of trail_price or trail_percent, others none')
  if ((trailPrice ?? trailPercent)?.lte(zero) === true)
    return invalid(`${trailPrice === undefined ? 'trail_percent' : 'trail_price'} must be > 0`)
  return checkPrices(terms) ?? (terms.asset.class === 'crypto' ? checkCrypto(terms) : checkEquity(terms))
}

function checkPrices({ asset, limitPrice, stopPrice }: FakeTerms): FakeRefusal | undefined {
  for (const [field, price] of [
    ['limit_price', limitPrice],
    ['stop_price', stopPrice],
  ] as const) {
    if (price === undefined) continue
    if (price.lte(zero)) return invalid(`${field} must be > 0`)
    const fault = checkDecimals(asset, field, price)
    if (fault !== undefined) return fault
  }
  return undefined
}

const one = decimal('1')
const cent = decimal('0.01')

/** At most 2 decimals from a dollar on, 4 below; the increment of the asset for crypto. */
export function checkDecimals(asset: ListedAsset, field: string, price: Decimal): FakeRefusal | undefined {
  const step = asset.class === 'crypto' ? asset.priceIncrement : price.gte(one) ? '0.01' : '0.0001'
  if (price.mod(decimal(step)).eq(zero)) return undefined
  return invalid(`invalid ${field} ${price.toString()}. sub-penny increment does not fulfill minimum pricing criteria`)
}

function checkCrypto({ type, timeInForce, orderClass, side }: FakeTerms): FakeRefusal | undefined {
  if (type !== 'market' && type !== 'limit' && type !== 'stop_limit')
    return malformed('invalid order type for crypto order')
  if (timeInForce !== 'gtc' && timeInForce !== 'ioc') return invalid('invalid crypto time_in_force')
  if (orderClass !== '' && orderClass !== 'simple') return invalid('crypto orders not allowed for advanced order_class')
  return side === 'buy' || side === 'sell' ? undefined : malformed('invalid side')
}

function checkEquity(terms: FakeTerms): FakeRefusal | undefined {
  const { asset, quantity, notional, type, timeInForce, orderClass, extendedHours } = terms
  const isSimple = orderClass === '' || orderClass === 'simple'
  const isFraction = notional !== undefined || (quantity !== undefined && !quantity.mod(one).eq(zero))
  if (notional !== undefined && !notional.mod(cent).eq(zero))
    return invalid('notional increment does not fulfill minimum pricing criteria')
  if (isFraction) {
    if (!asset.fractionable) return forbidden(`asset "${asset.symbol}" is not fractionable`)
    if (timeInForce !== 'day') return invalid('fractional orders must be DAY orders')
    if (type === 'trailing_stop') return invalid('fractional orders cannot be trailing_stop orders')
    if (!isSimple) return invalid('fractional orders must be simple orders')
  }
  if (extendedHours && (type !== 'limit' || timeInForce !== 'day'))
    return invalid('extended hours order must be DAY limit orders')
  if (extendedHours && !isSimple) return invalid('extended hours orders must be simple orders')
  const isAtOnce = type === 'market' || type === 'limit'
  if (!isAtOnce && timeInForce !== 'day' && timeInForce !== 'gtc')
    return invalid(`invalid time_in_force ${timeInForce} for a ${type} order`)
  if (!isSimple && timeInForce !== 'day' && timeInForce !== 'gtc')
    return refuse(422, 42210000, `${orderClass} orders must be DAY or GTC`)
  return undefined
}
