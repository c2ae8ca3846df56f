import type { OrderRequest } from '@tradeswarm/trading'
import { type Unmappable, unmappable } from './unmappable.js'

/** What is wrong at any venue with an entry that brings exits along; levels and their order are left to the venue, which says what is wrong with them. */
export function exitsFault(
  venue: string,
  { type, reduceOnly }: OrderRequest,
  { targetPrice, stopPrice }: { readonly targetPrice?: string; readonly stopPrice?: string },
): Unmappable | undefined {
  if (targetPrice === undefined && stopPrice === undefined)
    return unmappable('INVALID_ORDER', 'exits: give targetPrice, stopPrice, or both')
  if (reduceOnly) return unmappable('INVALID_ORDER', 'reduceOnly: an exit brings no exits along')
  if (type === 'market' || type === 'limit') return undefined
  return unmappable(
    'UNSUPPORTED_ORDER_TYPE',
    `type: at ${venue} a ${type} order brings no exits along; use market or limit`,
  )
}
