import { exitsFault, type Unmappable, unmappable } from '@tradeswarm/broker-kit'
import { decimal, type OrderRequest, one, zero } from '@tradeswarm/trading'
import { type AttachedExits, withExits } from './exit-legs.js'
import { isCrypto, type MappingTerms, type OrderWire, orderWire } from './map-order.js'

/** An entry with its exits in Alpaca's words. Levels and their order are left to Alpaca, which says what is wrong with them. */
export function entryWire(request: OrderRequest, exits: AttachedExits, terms?: MappingTerms): OrderWire | Unmappable {
  const fault = faultOf(request, exits)
  if (fault !== undefined) return fault
  const wire = orderWire(request, terms)
  return 'unmappable' in wire ? wire : withExits(wire, exits)
}

function faultOf(request: OrderRequest, exits: AttachedExits): Unmappable | undefined {
  const { timeInForce, sizedIn, quantity } = request
  const fault = exitsFault('Alpaca', request, exits)
  if (fault !== undefined) return fault
  if (exits.stopLimitPrice !== undefined && exits.stopPrice === undefined)
    return unmappable('INVALID_ORDER', 'exits: stopLimitPrice needs a stopPrice')
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
