import { decimal, type OrderRequest, one, zero } from '@tradeswarm/trading'
import { type AttachedExits, withExits } from './exit-legs.js'
import { isCrypto, type MappingTerms, type OrderWire, orderWire, type Unmappable, unmappable } from './map-order.js'

/** An entry with its exits in Alpaca's words. Levels and their order are left to Alpaca, which says what is wrong with them. */
export function entryWire(request: OrderRequest, exits: AttachedExits, terms?: MappingTerms): OrderWire | Unmappable {
  const fault = faultOf(request, exits)
  if (fault !== undefined) return fault
  const wire = orderWire(request, terms)
  return 'unmappable' in wire ? wire : withExits(wire, exits)
}

function faultOf(
  request: OrderRequest,
  { targetPrice, stopPrice, stopLimitPrice }: AttachedExits,
): Unmappable | undefined {
  const { type, timeInForce, sizedIn, quantity, reduceOnly } = request
  if (targetPrice === undefined && stopPrice === undefined)
    return unmappable('INVALID_ORDER', 'exits: give targetPrice, stopPrice, or both')
  if (stopLimitPrice !== undefined && stopPrice === undefined)
    return unmappable('INVALID_ORDER', 'exits: stopLimitPrice needs a stopPrice')
  if (reduceOnly) return unmappable('INVALID_ORDER', 'reduceOnly: an exit brings no exits along')
  if (type !== 'market' && type !== 'limit')
    return unmappable(
      'UNSUPPORTED_ORDER_TYPE',
      `type: at Alpaca a ${type} order brings no exits along; use market or limit`,
    )
  if (isCrypto(request))
    return unmappable(
      'UNSUPPORTED_ORDER_TYPE',
      'symbol: at Alpaca crypto brings no exits along; send them when it has filled',
    )
  if (timeInForce !== 'day' && timeInForce !== 'gtc')
    return unmappable(
      'UNSUPPORTED_TIME_IN_FORCE',
      `timeInForce: with exits it is day or gtc at Alpaca, not ${timeInForce}`,
    )
  if (sizedIn !== undefined || !decimal(quantity, 'quantity').mod(one).eq(zero))
    return unmappable('QUANTITY_PRECISION', 'quantity: with exits Alpaca takes whole shares only')
  return undefined
}
