import { assertKnownOptions, SwarmError, shown } from '@tradeswarm/core'
import { readDecimal } from '../money/decimal.js'
import { sides } from '../orders/read-intent.js'
import { requireText } from './require-text.js'

/** Refuses what is no order to consider, field by field. Throws `INVALID_OPTION`. */
export function checkOrderToConsider(order: unknown): void {
  const act = 'scenarios'
  assertKnownOptions(act, order as object, ['symbol', 'side', 'quantity', 'price'])
  const { symbol, side, quantity, price } = order as Readonly<Record<string, unknown>>
  requireText(act, 'symbol', symbol)
  if (!sides.some((known) => known === side)) throw invalid(act, 'side', side, `one of ${sides.join(', ')}`)
  const what = "a decimal text above 0, such as '10'"
  if (!isAmount(quantity)) throw invalid(act, 'quantity', quantity, what)
  if (price !== undefined && !isAmount(price)) throw invalid(act, 'price', price, what)
}

/** Refuses wishes that there are not. Throws `INVALID_OPTION`. */
export function checkMitigationWishes(wishes: unknown): void {
  const act = 'mitigations'
  assertKnownOptions(act, wishes as object, ['hedges', 'includeNear', 'maximumOrders'])
  const { hedges, includeNear } = wishes as Readonly<Record<string, unknown>>
  if (hedges !== undefined && !Array.isArray(hedges)) throw invalid(act, 'hedges', hedges, 'a list of symbols')
  for (const [index, hedge] of (hedges ?? []).entries()) requireText(act, `hedges[${index}]`, hedge)
  if (includeNear !== undefined && typeof includeNear !== 'boolean')
    throw invalid(act, 'includeNear', includeNear, 'true or false')
}

function isAmount(value: unknown): boolean {
  return typeof value === 'string' && readDecimal(value)?.isPositive() === true
}

function invalid(act: string, option: string, value: unknown, what: string): SwarmError {
  const fault = value === undefined ? 'is not given' : `is ${shown(value)}`
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `${act}: ${option} ${fault}; it must be ${what}`,
    context: { option },
  })
}
