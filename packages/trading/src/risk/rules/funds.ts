import type { RiskFinding } from '../../kernel/kernel.js'
import { decimalText } from '../../money/decimal.js'
import type { RiskContext } from '../risk-context.js'
import type { RiskRule } from '../risk-rule.js'

/** Cash only: what an entry sets aside must be there, and not set aside for another order. */
export const fundsRules: readonly RiskRule[] = [
  {
    code: 'NOTIONAL_EXCEEDS_FREE_BALANCE',
    binds: 'entry',
    check: (context) => shortfall(context),
  },
]

function shortfall(context: RiskContext): readonly RiskFinding[] {
  const needed = context.reservedCash()
  if (!needed.gt(context.freeCash)) return []
  const alone = needed.gt(context.totalCash)
  const available = alone ? context.totalCash : context.freeCash
  return [
    {
      code: alone ? 'NOTIONAL_EXCEEDS_FREE_BALANCE' : 'CUM_NOTIONAL_EXCEEDS_FREE_BALANCE',
      value: decimalText(needed),
      limit: decimalText(available),
      message: `the order sets aside ${decimalText(needed)}, and ${decimalText(available)} is ${alone ? 'there' : 'left beside the open orders'}`,
    },
  ]
}
