import type { ClosedPosition } from '../kernel/kernel.js'
import { type Decimal, decimal } from '../money/decimal.js'

/** What a closed position made, exactly: realised − fees + income (dividends received, or paid by a short). Throws `INVALID_DECIMAL`. */
export function positionResult(position: Pick<ClosedPosition, 'realised' | 'fees' | 'income'>): Decimal {
  return decimal(position.realised, 'realised')
    .minus(decimal(position.fees, 'fees'))
    .plus(decimal(position.income, 'income'))
}
