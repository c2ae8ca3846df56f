import { type Decimal, decimal, decimalText } from '../money/decimal.js'
import { exactFraction } from './order-figures.js'
import type { HaltCause, RiskState } from './risk-state.js'

/** A limit that equity has just passed. Such a halt is always `reducing`. */
export type Breach = { readonly cause: Extract<HaltCause, 'drawdown' | 'daily-loss'>; readonly reason: string }

/** The automatic halts that an equity calls for and that are not in force yet. */
export function breachedLimits(risk: RiskState, equity: Decimal): readonly Breach[] {
  const breaches: Breach[] = []
  const { policy } = risk
  const lost = (from: string | undefined, fraction: number): Decimal | undefined => {
    if (from === undefined) return undefined
    const loss = decimal(from).minus(equity)
    if (!loss.isPositive()) return undefined
    return loss.gte(decimal(from).times(exactFraction(fraction, 'limit'))) ? loss : undefined
  }
  const dayLoss =
    risk.halts['daily-loss'] === undefined ? lost(risk.dayStartEquity, policy.maxDailyLossFraction) : undefined
  if (dayLoss !== undefined) {
    breaches.push({
      cause: 'daily-loss',
      reason: `the day's loss of ${decimalText(dayLoss)} has reached ${policy.maxDailyLossFraction} of the equity of ${risk.dayStartEquity} at its start`,
    })
  }
  const drawdown = risk.halts.drawdown === undefined ? lost(risk.peakEquity, policy.maxDrawdownFraction) : undefined
  if (drawdown !== undefined) {
    breaches.push({
      cause: 'drawdown',
      reason: `the drawdown of ${decimalText(drawdown)} has reached ${policy.maxDrawdownFraction} of the peak equity of ${risk.peakEquity}`,
    })
  }
  return breaches
}
