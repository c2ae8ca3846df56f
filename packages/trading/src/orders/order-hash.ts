import { canonicalJson, sha256Hex } from '@tradeswarm/core'
import { isPlainText } from './is-plain-text.js'
import type { OrderRequest } from './order-request.js'

/** SHA-256 over every field that goes over the wire: what a permit is bound to. */
export function orderHash(request: OrderRequest): string {
  return sha256Hex(plainText(request) ?? canonicalJson(request))
}

/** So many fields has a market order that is sized in units and rests by its time in force alone. */
const plainFields = 8

/** Canonical JSON of a market or a limit order as most are, put together from its fields in a third less time; undefined for any other. */
function plainText(request: OrderRequest): string | undefined {
  const { account, clientOrderId, limitPrice, quantity, reduceOnly, side, symbol, timeInForce, type } = request
  let fields = 0
  for (const _ in request) fields += 1
  if (fields !== (limitPrice === undefined ? plainFields : plainFields + 1)) return undefined
  const isPlain =
    isPlainText(account) &&
    isPlainText(clientOrderId) &&
    isPlainText(quantity) &&
    isPlainText(side) &&
    isPlainText(symbol) &&
    isPlainText(timeInForce) &&
    isPlainText(type)
  if (!isPlain || typeof reduceOnly !== 'boolean') return undefined
  if (limitPrice !== undefined && !isPlainText(limitPrice)) return undefined
  const limit = limitPrice === undefined ? '' : `"limitPrice":"${limitPrice}",`
  return `{"account":"${account}","clientOrderId":"${clientOrderId}",${limit}"quantity":"${quantity}","reduceOnly":${reduceOnly},"side":"${side}","symbol":"${symbol}","timeInForce":"${timeInForce}","type":"${type}"}`
}
