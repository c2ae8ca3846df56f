import type { RiskFinding } from '../../kernel/kernel.js'
import { type Decimal, decimal, one } from '../../money/decimal.js'
import type { OrderFigures } from '../order-figures.js'
import type { PolicyLimits } from '../policy-limits.js'
import type { RiskContext } from '../risk-context.js'
import { limitRule, measured, type RiskRule } from '../risk-rule.js'

const ofEquity = (_: RiskContext, figures: OrderFigures): Decimal => figures.equity
const ofOne = (): Decimal => one
const symbolExposure = (_: RiskContext, figures: OrderFigures): Decimal => figures.symbolExposure
const grossExposure = (_: RiskContext, figures: OrderFigures): Decimal => figures.grossExposure

/** How much of the account may hang on one order, symbol, group or on the whole market. */
export const exposureRules: readonly RiskRule[] = [
  limitRule({
    code: 'NOTIONAL_EXCEEDS_MAX_PER_ORDER',
    share: ({ order }) => order,
    base: ofEquity,
    value: (_, figures) => figures.notional,
    what: 'the order is worth',
  }),
  limitRule({
    code: 'MAX_POSITION',
    share: ({ position }) => position,
    base: ofEquity,
    value: symbolExposure,
    what: 'the position would be worth',
  }),
  limitRule({
    code: 'MAX_CONCENTRATION',
    share: ({ symbol }) => symbol,
    base: ofEquity,
    value: symbolExposure,
    what: 'exposure to the symbol would be',
  }),
  limitRule({
    code: 'MAX_OPEN_POSITIONS',
    share: ({ openPositions }) => openPositions,
    base: ofOne,
    value: ({ exposure, request }) => countOf(exposure.symbols() + (exposure.has(request.symbol) ? 0 : 1)),
    what: 'open positions and entries would be',
  }),
  limitRule({
    code: 'MAX_CORRELATED_EXPOSURE',
    share: ({ correlated }) => correlated,
    base: ofEquity,
    value: (_, figures) => figures.movingExposure?.plus(figures.symbolExposure),
    what: 'exposure to symbols that move together would be',
  }),
  {
    code: 'MAX_GROSS_EXPOSURE',
    binds: 'entry',
    check: (context, figures) => stressFindings(context, figures, 'above'),
    warn: (context, figures) => stressFindings(context, figures, 'near'),
    isQuiet: ({ limits }, figures) => isStressFar(limits, figures),
  },
  limitRule({
    code: 'MAX_GROSS_EXPOSURE',
    share: ({ gross }) => gross,
    base: ofEquity,
    value: grossExposure,
    what: 'gross exposure would be',
  }),
  limitRule({
    code: 'MAX_NET_EXPOSURE',
    share: ({ net }) => net,
    base: ofEquity,
    value: ({ exposure, request }, figures) => exposure.net(request.side).plus(figures.notional),
    what: 'net exposure would be',
  }),
  limitRule({
    code: 'MAX_LEVERAGE',
    share: ({ leverage }) => leverage,
    base: ofEquity,
    value: grossExposure,
    what: 'measured by leverage, gross exposure would be',
  }),
  limitRule({
    code: 'MAX_OPEN_ORDERS',
    share: ({ openOrders }) => openOrders,
    base: ofOne,
    value: ({ exposure }) => countOf(exposure.openEntries() + 1),
    what: 'open entries would be',
  }),
]

/** Whether no move of the whole market that is asked about comes near the limit. */
export function isStressFar({ stressLoss, dearestShock }: PolicyLimits, figures: OrderFigures): boolean {
  if (dearestShock === undefined) return true
  const { grossExposure } = figures
  return !grossExposure.isNegative() && stressLoss.isFar(grossExposure.times(dearestShock), figures.equity)
}

/** What a move of the whole market would cost: a finding for each shock that costs too much. */
function stressFindings(
  { limits, exposure }: RiskContext,
  figures: OrderFigures,
  where: 'above' | 'near',
): readonly RiskFinding[] | undefined {
  const { stressLoss, shocks } = limits
  if (shocks.length === 0) {
    // Without a shock nothing is asked, but a book that cannot be priced still takes no more.
    exposure.gross()
    return undefined
  }
  // Nearly always not even the dearest move costs too much.
  if (isStressFar(limits, figures)) return undefined
  const most = stressLoss.limitOf(figures.equity)
  const from = where === 'above' ? most : stressLoss.warningOf(figures.equity)
  let findings: RiskFinding[] | undefined
  for (const { name, cost } of shocks) {
    const loss = figures.grossExposure.times(cost)
    if (where === 'above' ? loss.lte(from) : loss.lt(from)) continue
    const finding = measured('MAX_GROSS_EXPOSURE', `a move of ${name} would cost`, loss, most, where)
    if (findings === undefined) findings = [finding]
    else findings.push(finding)
  }
  return findings
}

/** Counts up to so many are made once. */
const counts: readonly Decimal[] = Array.from({ length: 256 }, (_, count) => decimal(String(count)))

export function countOf(count: number): Decimal {
  return counts[count] ?? decimal(String(count))
}
