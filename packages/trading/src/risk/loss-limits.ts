import { type Decimal, decimal, decimalText } from '../money/decimal.js'
import { exactFraction } from './order-figures.js'
import type { RiskPolicy } from './risk-policy.js'
import type { HaltCause, RiskState } from './risk-state.js'

/** A limit that equity has just passed. Such a halt is always `reducing`. */
export type Breach = { readonly cause: Extract<HaltCause, 'drawdown' | 'daily-loss'>; readonly reason: string }

const noBreach: readonly Breach[] = Object.freeze([])

/** Above both of them no limit is passed; undefined where there is none yet. */
type Levels = {
  readonly dayStart: string | undefined
  readonly peak: string | undefined
  readonly day: Decimal | undefined
  readonly drawdown: Decimal | undefined
}

/** The levels of a policy, for what equity was last: asked about with each execution and each price. */
const knownLevels = new WeakMap<RiskPolicy, Levels>()

function levelsOf({ policy, dayStartEquity: dayStart, peakEquity: peak }: RiskState): Levels {
  const known = knownLevels.get(policy)
  if (known !== undefined && known.dayStart === dayStart && known.peak === peak) return known
  const levels: Levels = {
    dayStart,
    peak,
    day: dayStart === undefined ? undefined : levelBelow(decimal(dayStart), policy.maxDailyLossFraction),
    drawdown: peak === undefined ? undefined : levelBelow(decimal(peak), policy.maxDrawdownFraction),
  }
  knownLevels.set(policy, levels)
  return levels
}

function levelBelow(from: Decimal, fraction: number): Decimal {
  return from.minus(from.times(exactFraction(fraction, 'limit')))
}

/** The automatic halts that an equity calls for and that are not in force yet. */
export function breachedLimits(risk: RiskState, equity: Decimal): readonly Breach[] {
  const { day, drawdown: least } = levelsOf(risk)
  if ((day === undefined || equity.gt(day)) && (least === undefined || equity.gt(least))) return noBreach
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
