import { nearestName, shown } from '@tradeswarm/core'
import { type OrderRequest, one, zero } from '@tradeswarm/trading'
import { readAmount } from './order-values.js'
import { unknownWord } from './order-words.js'
import type { Explanation } from './refusal-desk.js'

/** All that an order may say; the compiler keeps the list whole. */
const fields: Readonly<Record<keyof OrderRequest, true>> = {
  account: true,
  clientOrderId: true,
  symbol: true,
  side: true,
  type: true,
  quantity: true,
  sizedIn: true,
  limitPrice: true,
  stopPrice: true,
  trailAmount: true,
  trailFraction: true,
  timeInForce: true,
  expiresAt: true,
  postOnly: true,
  reduceOnly: true,
}
const known: ReadonlySet<string> = new Set(Object.keys(fields))
const prices = ['limitPrice', 'stopPrice', 'trailAmount'] as const

/**
 * What is wrong with the form of an order, whatever the venue. Types are not checked where it was written in JavaScript, and what an adapter
 * does not know, such as a misspelt stop, it must not leave out. `account` is whose the adapter is.
 */
export function requestFault(request: OrderRequest, account?: string): Explanation | undefined {
  return (
    unknownField(request) ??
    unknownWord(request) ??
    oddText(request, account) ??
    oddFlag(request) ??
    oddAmount(request) ??
    unfitField(request)
  )
}

function unknownField(request: OrderRequest): Explanation | undefined {
  for (const name in request) {
    if (known.has(name)) continue
    const nearest = nearestName(name, [...known])
    const hint = nearest === undefined ? `there are: ${[...known].join(', ')}` : `did you mean ${nearest}?`
    return invalid(`${name}: an order has no such field; ${hint}`)
  }
  return undefined
}

function oddText(request: OrderRequest, account = request.account): Explanation | undefined {
  const { symbol, clientOrderId } = request
  if (typeof symbol !== 'string' || symbol === '')
    return { code: 'INSTRUMENT_NOT_FOUND', message: `symbol: ${shown(symbol)} is none` }
  if (typeof clientOrderId !== 'string' || clientOrderId === '')
    return invalid(`clientOrderId: ${shown(clientOrderId)} is none: use a text that no other order has`)
  return request.account === account
    ? undefined
    : invalid(`account: this is ${shown(account)}, and the order is for ${shown(request.account)}`)
}

function oddFlag({ reduceOnly, postOnly }: OrderRequest): Explanation | undefined {
  if (typeof reduceOnly !== 'boolean') return invalid(`reduceOnly: ${shown(reduceOnly)}: use true or false`)
  if (postOnly !== undefined && typeof postOnly !== 'boolean')
    return invalid(`postOnly: ${shown(postOnly)}: use true, or leave it out`)
  return undefined
}

function oddAmount(request: OrderRequest): Explanation | undefined {
  const { quantity: units, trailFraction } = request
  const quantity = readAmount(units)
  if (quantity === undefined) return invalid(noAmount('quantity', units))
  if (quantity.lte(zero)) return { code: 'QUANTITY_BELOW_MINIMUM', message: `quantity: ${units} is not above 0` }
  for (const field of prices) {
    const text = request[field]
    if (text === undefined) continue
    const price = readAmount(text)
    if (price === undefined) return invalid(noAmount(field, text))
    if (price.lte(zero)) return { code: 'PRICE_PRECISION', message: `${field}: ${text} is not above 0` }
  }
  if (trailFraction === undefined) return undefined
  const fraction = readAmount(trailFraction)
  if (fraction === undefined) return invalid(noAmount('trailFraction', trailFraction))
  if (fraction.gt(zero) && fraction.lt(one)) return undefined
  return {
    code: 'PRICE_PRECISION',
    message: `trailFraction: ${trailFraction} is not above 0 and below 1: 0.05 is 5 per cent`,
  }
}

/** Fields that the type or the time in force needs, or does not take. */
function unfitField(request: OrderRequest): Explanation | undefined {
  const { type, timeInForce, limitPrice, stopPrice, trailAmount, trailFraction, expiresAt } = request
  const hasLimit = type === 'limit' || type === 'stop-limit' || type === 'oco'
  if (hasLimit !== (limitPrice !== undefined))
    return invalid(`limitPrice: a ${type} order ${hasLimit ? 'needs' : 'takes no'} limit price`)
  const hasStop = type === 'stop' || type === 'stop-limit' || type === 'oco'
  if (hasStop !== (stopPrice !== undefined) && type !== 'trailing-stop')
    return invalid(`stopPrice: a ${type} order ${hasStop ? 'needs' : 'takes no'} stop price`)
  const trails = Number(trailAmount !== undefined) + Number(trailFraction !== undefined)
  if (trails !== (type === 'trailing-stop' ? 1 : 0))
    return invalid(
      type === 'trailing-stop'
        ? 'trailAmount, trailFraction: a trailing-stop order needs one of them'
        : `${trailAmount === undefined ? 'trailFraction' : 'trailAmount'}: a ${type} order does not trail`,
    )
  if ((timeInForce === 'gtd') !== (expiresAt !== undefined))
    return invalid('expiresAt: gtd needs it, and nothing else takes it')
  if (expiresAt !== undefined && !Number.isSafeInteger(expiresAt))
    return invalid(`expiresAt: ${shown(expiresAt)}: use milliseconds since 1970, a whole number`)
  return undefined
}

function noAmount(field: string, value: unknown): string {
  return `${field}: ${shown(value)} is no decimal text such as "12.50"`
}

function invalid(message: string): Explanation {
  return { code: 'INVALID_ORDER', message }
}
