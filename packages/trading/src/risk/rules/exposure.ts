import { type Decimal, decimal, zero } from '../../money/decimal.js'
import { exactFraction, orderNotional } from '../order-figures.js'
import type { RiskContext } from '../risk-context.js'
import { limitRule, type Measure, type RiskRule } from '../risk-rule.js'

/** How much of the account may hang on one order, symbol, group or on the whole market. */
export const exposureRules: readonly RiskRule[] = [
  limitRule({
    code: 'NOTIONAL_EXCEEDS_MAX_PER_ORDER',
    measure: (context) => [ofEquity(context, orderNotional(context), 'maxOrderFraction', 'the order is worth')],
  }),
  limitRule({
    code: 'MAX_POSITION',
    measure: (context) => [
      ofEquity(context, symbolExposure(context), 'maxPositionFraction', 'the position would be worth'),
    ],
  }),
  limitRule({
    code: 'MAX_CONCENTRATION',
    measure: (context) => [
      ofEquity(context, symbolExposure(context), 'maxSymbolExposureFraction', 'exposure to the symbol would be'),
    ],
  }),
  limitRule({
    code: 'MAX_OPEN_POSITIONS',
    measure: (context) => {
      const symbols = new Set(context.exposures().keys()).add(context.request.symbol)
      const limit = decimal(String(context.policy.maxOpenPositions))
      return [{ value: decimal(String(symbols.size)), limit, what: 'open positions and entries would be' }]
    },
  }),
  limitRule({
    code: 'MAX_CORRELATED_EXPOSURE',
    measure: (context) => {
      let together = symbolExposure(context)
      let others = 0
      for (const [symbol, worth] of context.exposures()) {
        if (symbol === context.request.symbol || !context.moveTogether(context.request.symbol, symbol)) continue
        together = together.plus(worth)
        others += 1
      }
      return others === 0
        ? []
        : [
            ofEquity(
              context,
              together,
              'maxCorrelatedExposureFraction',
              'exposure to symbols that move together would be',
            ),
          ]
    },
  }),
  limitRule({
    code: 'MAX_GROSS_EXPOSURE',
    measure: (context) => {
      let gross = orderNotional(context)
      for (const worth of context.exposures().values()) gross = gross.plus(worth)
      return context.policy.stressShocks.map((shock) =>
        ofEquity(
          context,
          gross.times(exactFraction(-shock, 'stressShocks')),
          'maxStressLossFraction',
          `a move of ${shock} would cost`,
        ),
      )
    },
  }),
]

type FractionName =
  | 'maxOrderFraction'
  | 'maxPositionFraction'
  | 'maxSymbolExposureFraction'
  | 'maxCorrelatedExposureFraction'
  | 'maxStressLossFraction'

function ofEquity(context: RiskContext, value: Decimal, name: FractionName, what: string): Measure {
  return { value, limit: context.equity().times(exactFraction(context.policy[name], name)), what }
}

function symbolExposure(context: RiskContext): Decimal {
  return (context.exposures().get(context.request.symbol) ?? zero).plus(orderNotional(context))
}
