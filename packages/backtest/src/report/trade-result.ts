import { type ClosedPosition, decimal, positionResult, toFloat } from '@tradeswarm/trading'

/** What a closed position made as a fraction of what the entry cost; null when it cost nothing. */
export function returnOnEntry(position: ClosedPosition): number | null {
  const cost = toFloat(decimal(position.quantity, 'quantity').abs().times(decimal(position.entryPrice, 'entryPrice')))
  return cost > 0 ? toFloat(positionResult(position)) / cost : null
}
