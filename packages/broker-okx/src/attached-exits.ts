import { type ExitFields, exitsFault, type Unmappable, unmappable } from '@tradeswarm/broker-kit'
import type { OrderRequest } from '@tradeswarm/trading'
import { type AttachedWire, isClientId, type Mapped, type MappingTerms, mapOrder, type OrderWire } from './map-order.js'

/** The exits that an entry brings with it, as decimal texts: a target, a stop, or both. They are set off by the last price, and leave at the market. */
export type AttachedExits = {
  readonly targetPrice?: string
  readonly stopPrice?: string
  /** That of the exits, once they are there: 1 to 32 letters and digits. Without it OKX makes one. */
  readonly clientOrderId?: string
}

/** What exits may say. */
export const exitFields: ExitFields<AttachedExits> = { targetPrice: 'price', stopPrice: 'price', clientOrderId: 'text' }

/** An entry with its exits in OKX's words. Levels are left to OKX, which says what is wrong with them. */
export function mapEntry(request: OrderRequest, exits: AttachedExits, terms: MappingTerms): Mapped | Unmappable {
  const fault = faultOf(request, exits, terms)
  if (fault !== undefined) return fault
  const mapped = mapOrder(request, terms)
  if ('unmappable' in mapped || mapped.kind === 'algo') return mapped
  return { ...mapped, wire: withExits(mapped.wire, exits) }
}

/** An entry whose exits come to life when it has filled whole; nothing protects what a cancelled one has filled before. */
export function withExits(entry: OrderWire, { targetPrice, stopPrice, clientOrderId }: AttachedExits): OrderWire {
  const attached: AttachedWire = {
    ...(clientOrderId === undefined ? {} : { attachAlgoClOrdId: clientOrderId }),
    ...(targetPrice === undefined ? {} : { tpTriggerPx: targetPrice, tpOrdPx: '-1' }),
    ...(stopPrice === undefined ? {} : { slTriggerPx: stopPrice, slOrdPx: '-1' }),
  }
  return { ...entry, attachAlgoOrds: [attached] }
}

function faultOf(request: OrderRequest, exits: AttachedExits, { isSwap }: MappingTerms): Unmappable | undefined {
  const { type, sizedIn, clientOrderId } = request
  const fault = exitsFault('OKX', request, exits)
  if (fault !== undefined) return fault
  if (exits.clientOrderId !== undefined && (!isClientId(exits.clientOrderId) || exits.clientOrderId === clientOrderId))
    return unmappable(
      'INVALID_ORDER',
      'exits: clientOrderId: OKX takes 1 to 32 letters and digits, other than those of the entry',
    )
  if (!isSwap && type === 'market' && sizedIn !== 'quote')
    return unmappable(
      'UNSUPPORTED_ORDER_TYPE',
      'type: at OKX a spot order at the market brings exits along only where it is for an amount (sizedIn); use a limit',
    )
  return undefined
}
