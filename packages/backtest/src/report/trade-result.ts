import { type ClosedPosition, type Decimal, decimal, toFloat } from '@tradeswarm/trading'

/** What a closed position made: realised less fees, exact. */
export function resultAfterFees(position: ClosedPosition): Decimal {
  return decimal(position.realised, 'realised').minus(decimal(position.fees, 'fees'))
}

/** That as a fraction of what the entry cost; null when it cost nothing. */
export function returnOnEntry(position: ClosedPosition): number | null {
  const cost = toFloat(decimal(position.quantity, 'quantity').abs().times(decimal(position.entryPrice, 'entryPrice')))
  return cost > 0 ? toFloat(resultAfterFees(position)) / cost : null
}
