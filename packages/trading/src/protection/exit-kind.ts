import type { OrderHeader } from '../orders/order-record.js'

/**
 * What a reducing order does for its position. `pair`: a stop and a target in one. `leave`: it goes at the next price there is. `resting`: an agent's exit at a price of
 * its own. No such order is permitted; one that an earlier version of the books holds is withdrawn, for it would displace the stop.
 */
export type ExitKind = 'stop' | 'target' | 'pair' | 'leave' | 'resting'

/** The kind of an order that reduces. */
export function exitKind({ purpose, request }: Pick<OrderHeader, 'purpose' | 'request'>): ExitKind {
  if (request.type === 'market') return 'leave'
  if (request.type === 'oco') return 'pair'
  if (purpose === 'exit-stop') return 'stop'
  return purpose === 'exit-target' ? 'target' : 'resting'
}
