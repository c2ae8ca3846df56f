import { type Decimal, decimalText } from '../../money/decimal.js'
import type { DenialCode } from '../denial-codes.js'
import { measured, type RiskRule } from '../risk-rule.js'

/** Cash only: what an entry sets aside must be there, and not set aside for another order. Margin on top, where the policy asks. */
export const fundsRules: readonly RiskRule[] = [
  {
    code: 'NOTIONAL_EXCEEDS_FREE_BALANCE',
    binds: 'entry',
    check: ({ totalCash }, { reservedCash }) =>
      reservedCash.gt(totalCash)
        ? shortfall('NOTIONAL_EXCEEDS_FREE_BALANCE', reservedCash, totalCash, 'there')
        : undefined,
  },
  {
    code: 'CUM_NOTIONAL_EXCEEDS_FREE_BALANCE',
    binds: 'entry',
    check: ({ totalCash, freeCash }, { reservedCash }) =>
      reservedCash.gt(freeCash) && !reservedCash.gt(totalCash)
        ? shortfall('CUM_NOTIONAL_EXCEEDS_FREE_BALANCE', reservedCash, freeCash, 'left beside the open orders')
        : undefined,
  },
  {
    code: 'MARGIN_EXCEEDS_FREE_BALANCE',
    binds: 'entry',
    check: ({ limits: { initialMargin } }, figures) => {
      if (initialMargin === undefined) return undefined
      const needed = figures.grossExposure.times(initialMargin)
      return needed.gt(figures.equity) ? margin(needed, figures.equity, 'above') : undefined
    },
    warn: ({ limits: { initialMargin, warnAt } }, figures) => {
      if (initialMargin === undefined) return undefined
      const needed = figures.grossExposure.times(initialMargin)
      return needed.gte(figures.equity.times(warnAt)) ? margin(needed, figures.equity, 'near') : undefined
    },
  },
]

function margin(needed: Decimal, equity: Decimal, where: 'above' | 'near') {
  return measured('MARGIN_EXCEEDS_FREE_BALANCE', 'the margin of the book would be', needed, equity, where)
}

function shortfall(code: DenialCode, needed: Decimal, available: Decimal, where: string) {
  return {
    code,
    value: decimalText(needed),
    limit: decimalText(available),
    message: `the order sets aside ${decimalText(needed)}, and ${decimalText(available)} is ${where}`,
  }
}
