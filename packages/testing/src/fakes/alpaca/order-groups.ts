import { type Decimal, decimal, decimalText } from '@tradeswarm/trading'
import type { FakeTerms } from './fake-order.js'
import { type FakeRefusal, invalid, malformed } from './fake-refusal.js'
import { amount, type Body, checkDecimals } from './read-terms.js'

const part = (body: Body, name: string): Body | undefined => {
  const value = body[name]
  return typeof value === 'object' && value !== null ? (value as Body) : undefined
}

/**
 * Checks that an order of a group has the members that its class asks for, at prices that make sense: those of an entry lie a cent beyond its
 * limit, or at the market beyond the price, as far as it is known.
 */
export function checkGroup(body: Body, terms: FakeTerms, price: Decimal | undefined): FakeRefusal | undefined {
  const { orderClass, side } = terms
  const target = part(body, 'take_profit')
  const stop = part(body, 'stop_loss')
  if (orderClass === '' || orderClass === 'simple')
    return target === undefined && stop === undefined
      ? undefined
      : invalid('take_profit and stop_loss are for orders of class bracket, oco or oto')
  if (orderClass !== 'oco' && terms.type !== 'market' && terms.type !== 'limit')
    return invalid(`${orderClass} orders must be market or limit orders`)
  if (orderClass === 'bracket' && (target === undefined || stop === undefined))
    return invalid('bracket orders require take_profit and stop_loss')
  if (orderClass === 'oco' && (stop === undefined || terms.type !== 'limit'))
    return invalid('oco orders require take_profit and stop_loss')
  if (orderClass === 'oto' && (target === undefined) === (stop === undefined))
    return invalid('oto orders require one of take_profit or stop_loss')
  try {
    const high = orderClass === 'oco' ? terms.limitPrice : target && amount(target, 'limit_price')
    const low = stop && amount(stop, 'stop_price')
    if (target !== undefined && orderClass !== 'oco' && high === undefined)
      return invalid('take_profit.limit_price is required')
    if (stop !== undefined && low === undefined) return invalid('stop_loss.stop_price is required')
    const isLong = orderClass === 'oco' ? side === 'sell' : side === 'buy'
    if (high !== undefined && low !== undefined && (isLong ? high.lte(low) : high.gte(low)))
      return invalid(`take_profit.limit_price must be ${isLong ? '>' : '<'} stop_loss.stop_price`)
    const base = orderClass === 'oco' ? undefined : (terms.limitPrice ?? price)
    const near = base === undefined ? undefined : checkBase(isLong, base, high, low)
    if (near !== undefined) return near
    return checkLegPrices(terms, {
      'take_profit.limit_price': high,
      'stop_loss.stop_price': low,
      'stop_loss.limit_price': stop && amount(stop, 'limit_price'),
    })
  } catch {
    return malformed('invalid number')
  }
}

const cent = decimal('0.01')

function checkBase(
  isLong: boolean,
  base: Decimal,
  target: Decimal | undefined,
  stop: Decimal | undefined,
): FakeRefusal | undefined {
  const [above, below] = [base.plus(cent), base.minus(cent)]
  const more = { base_price: decimalText(base) }
  if (target !== undefined && (isLong ? target.lt(above) : target.gt(below)))
    return invalid(`take_profit.limit_price must be ${isLong ? '>= base_price + 0.01' : '<= base_price - 0.01'}`, more)
  if (stop !== undefined && (isLong ? stop.gt(below) : stop.lt(above)))
    return invalid(`stop_loss.stop_price must be ${isLong ? '<= base_price - 0.01' : '>= base_price + 0.01'}`, more)
  return undefined
}

function checkLegPrices(
  { asset }: FakeTerms,
  prices: Readonly<Record<string, Decimal | undefined>>,
): FakeRefusal | undefined {
  for (const [field, price] of Object.entries(prices)) {
    const fault = price === undefined ? undefined : checkDecimals(asset, field, price)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** The legs of an order of a group: target first, then stop. Throws for what {@link checkGroup} refuses. */
export function legsOf(body: Body, terms: FakeTerms): readonly FakeTerms[] {
  const { orderClass } = terms
  if (orderClass === '' || orderClass === 'simple') return []
  const target = orderClass === 'oco' ? undefined : part(body, 'take_profit')
  const stop = part(body, 'stop_loss')
  const side = orderClass === 'oco' ? terms.side : terms.side === 'buy' ? 'sell' : 'buy'
  const leg: FakeTerms = {
    ...terms,
    side,
    positionIntent: `${side}_to_close`,
    limitPrice: undefined,
    stopPrice: undefined,
    reduces: true,
  }
  const legs: FakeTerms[] = []
  if (target !== undefined) legs.push({ ...leg, type: 'limit', limitPrice: amount(target, 'limit_price') })
  if (stop !== undefined) {
    const limitPrice = amount(stop, 'limit_price')
    const type = limitPrice === undefined ? 'stop' : 'stop_limit'
    legs.push({ ...leg, type, stopPrice: amount(stop, 'stop_price'), limitPrice })
  }
  return legs
}
