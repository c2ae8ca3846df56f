import { canonicalJson, sha256Hex } from '@tradeswarm/core'
import { isClientOrderId } from './client-order-id.js'
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
    (isClientOrderId(clientOrderId) || isPlainText(clientOrderId)) &&
    isPlainText(quantity) &&
    isPlainText(symbol) &&
    (limitPrice === undefined || isPlainText(limitPrice))
  const way = reduceOnly === true ? reducingWayOf(side) : reduceOnly === false ? wayOf(side) : undefined
  const rest = timeInForce === 'day' && type === 'market' ? dayAtMarket : restOf(timeInForce, type)
  if (!isPlain || way === undefined || rest === undefined) return undefined
  const limit = limitPrice === undefined ? '' : `","limitPrice":"${limitPrice}`
  return `{"account":"${account}","clientOrderId":"${clientOrderId}${limit}","quantity":"${quantity}${way}${symbol}${rest}`
}

/** In few pieces: each of them is copied for itself. */
function wayOf(side: string): string | undefined {
  if (side === 'buy') return '","reduceOnly":false,"side":"buy","symbol":"'
  return side === 'sell' ? '","reduceOnly":false,"side":"sell","symbol":"' : undefined
}

function reducingWayOf(side: string): string | undefined {
  if (side === 'buy') return '","reduceOnly":true,"side":"buy","symbol":"'
  return side === 'sell' ? '","reduceOnly":true,"side":"sell","symbol":"' : undefined
}

const dayAtMarket = '","timeInForce":"day","type":"market"}'

function restOf(timeInForce: string, type: string): string | undefined {
  return isPlainText(timeInForce) && isPlainText(type)
    ? `","timeInForce":"${timeInForce}","type":"${type}"}`
    : undefined
}
