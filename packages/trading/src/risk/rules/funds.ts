import { isContract } from '../../instruments/unit-terms.js'
import { type Decimal, decimalText } from '../../money/decimal.js'
import type { DenialCode } from '../denial-codes.js'
import type { OrderFigures } from '../order-figures.js'
import type { RiskContext } from '../risk-context.js'
import { measured, type RiskRule } from '../risk-rule.js'

/** Cash only: what an entry sets aside must be there, and not set aside for another order. Margin on top, where the policy asks. */
export const fundsRules: readonly RiskRule[] = [
  {
    code: 'NOTIONAL_EXCEEDS_FREE_BALANCE',
    binds: 'entry',
    check: (context, { reservedCash }) =>
      reservedCash.gt(context.totalCash) && !isOnMargin(context)
        ? shortfall('NOTIONAL_EXCEEDS_FREE_BALANCE', reservedCash, context.totalCash, 'there', context.currency)
        : undefined,
    warn: (context, { reservedCash }) =>
      isMostOf(context, reservedCash, context.totalCash) && !isOnMargin(context)
        ? shortfall('NOTIONAL_EXCEEDS_FREE_BALANCE', reservedCash, context.totalCash, 'there', context.currency)
        : undefined,
  },
  {
    code: 'CUM_NOTIONAL_EXCEEDS_FREE_BALANCE',
    binds: 'entry',
    check: (context, { reservedCash }) => {
      const { totalCash, freeCash } = context
      if (!reservedCash.gt(freeCash) || reservedCash.gt(totalCash) || isOnMargin(context)) return undefined
      return shortOfFree(context, reservedCash)
    },
    // Without open orders the rule before it says so.
    warn: (context, { reservedCash }) => {
      const { totalCash, freeCash } = context
      if (!isMostOf(context, reservedCash, freeCash) || freeCash.gte(totalCash) || isOnMargin(context)) return undefined
      return shortOfFree(context, reservedCash)
    },
  },
  {
    code: 'MARGIN_EXCEEDS_FREE_BALANCE',
    binds: 'entry',
    check: (context, figures) => {
      if (isOnMargin(context)) {
        const short = contractShortfall(context, figures)
        if (short !== undefined) return short
      }
      const { initialMargin } = context.limits
      if (initialMargin === undefined) return undefined
      const needed = figures.grossExposure.times(initialMargin)
      return needed.gt(figures.equity) ? margin(needed, figures.equity, 'above') : undefined
    },
    warn: (context, figures) => {
      const { initialMargin, warnAt } = context.limits
      if (isOnMargin(context) && isMostOf(context, figures.reservedCash, context.freeCash))
        return shortOfMargin(context, figures)
      if (initialMargin === undefined) return undefined
      const needed = figures.grossExposure.times(initialMargin)
      return needed.gte(figures.equity.times(warnAt)) ? margin(needed, figures.equity, 'near') : undefined
    },
  },
]

function isOnMargin({ instrument }: RiskContext): boolean {
  return instrument !== undefined && isContract(instrument)
}

/** Whether an order sets aside so much of a balance that it warns. */
function isMostOf({ limits }: RiskContext, reserved: Decimal, balance: Decimal): boolean {
  return reserved.gte(balance.times(limits.warnAt))
}

function shortOfFree({ freeCash, currency }: RiskContext, reserved: Decimal) {
  const where = 'left beside the open orders'
  return shortfall('CUM_NOTIONAL_EXCEEDS_FREE_BALANCE', reserved, freeCash, where, currency)
}

function contractShortfall(context: RiskContext, figures: OrderFigures) {
  return figures.reservedCash.gt(context.freeCash) ? shortOfMargin(context, figures) : undefined
}

function shortOfMargin({ freeCash, currency, instrument }: RiskContext, { reservedCash }: OrderFigures) {
  const where = 'left beside open orders and the margin of what is held'
  return shortfall('MARGIN_EXCEEDS_FREE_BALANCE', reservedCash, freeCash, where, currency ?? instrument?.currency)
}

function margin(needed: Decimal, equity: Decimal, where: 'above' | 'near') {
  return measured('MARGIN_EXCEEDS_FREE_BALANCE', 'the margin of the book would be', needed, equity, where)
}

/** The currency is named where it is not the account's own, or where it says which balance margin comes from. */
function shortfall(code: DenialCode, needed: Decimal, available: Decimal, where: string, currency: string | undefined) {
  const unit = currency === undefined ? '' : ` ${currency}`
  return {
    code,
    value: decimalText(needed),
    limit: decimalText(available),
    message: `the order sets aside ${decimalText(needed)}${unit}, and ${decimalText(available)}${unit} is ${where}`,
  }
}
