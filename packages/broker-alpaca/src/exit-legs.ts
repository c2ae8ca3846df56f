import type { ExitFields } from '@tradeswarm/broker-kit'
import type { OrderWire } from './map-order.js'

/** The exits that an entry brings with it, as decimal texts: a target (a limit order), a stop, or both. */
export type AttachedExits = {
  readonly targetPrice?: string
  readonly stopPrice?: string
  /** Makes the stop a stop-limit. */
  readonly stopLimitPrice?: string
}

/** What exits may say. */
export const exitFields: ExitFields<AttachedExits> = {
  targetPrice: 'price',
  stopPrice: 'price',
  stopLimitPrice: 'price',
}

/** An entry whose exits come to life when it has filled: a bracket with both, else one triggers the other. */
export function withExits(entry: OrderWire, exits: AttachedExits): OrderWire {
  const { targetPrice, stopPrice } = exits
  const both = targetPrice !== undefined && stopPrice !== undefined
  return { ...entry, order_class: both ? 'bracket' : 'oto', ...legs(exits) }
}

/** A target (a limit order) and a stop on one position, of which one cancels the other. */
export function withStop(target: OrderWire, exits: Omit<AttachedExits, 'targetPrice'>): OrderWire {
  // Alpaca reads the target's price where it is for any group.
  const { limit_price: targetPrice } = target
  return { ...target, order_class: 'oco', ...legs({ ...exits, ...(targetPrice === undefined ? {} : { targetPrice }) }) }
}

function legs({ targetPrice, stopPrice, stopLimitPrice }: AttachedExits): Pick<OrderWire, 'take_profit' | 'stop_loss'> {
  const limit = stopLimitPrice === undefined ? {} : { limit_price: stopLimitPrice }
  return {
    ...(targetPrice === undefined ? {} : { take_profit: { limit_price: targetPrice } }),
    ...(stopPrice === undefined ? {} : { stop_loss: { stop_price: stopPrice, ...limit } }),
  }
}
