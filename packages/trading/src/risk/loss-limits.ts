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
  /** A peak is noted when equity has risen above the last one, or fallen from it, by so much. */
  readonly peakStep: Decimal | undefined
}

/** How finely peaks are noted: by a hundredth of the drawdown that is allowed, but not by less than 0.01 % of equity. */
const peakStepShare = 0.01
const leastPeakStep = 0.0001

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
    peakStep: peak === undefined ? undefined : stepOf(decimal(peak), policy.maxDrawdownFraction),
  }
  knownLevels.set(policy, levels)
  return levels
}

function levelBelow(from: Decimal, fraction: number): Decimal {
  return from.minus(from.times(exactFraction(fraction, 'limit')))
}

function stepOf(peak: Decimal, maximumDrawdown: number): Decimal {
  return peak.times(exactFraction(Math.max(maximumDrawdown * peakStepShare, leastPeakStep), 'step'))
}

/**
 * Follows equity to its peaks between sessions' ends, so that a drawdown is measured from the highest that equity has been. Most of them
 * are kept in memory alone: a peak is to be noted when it is a step above the noted one, or when equity has fallen a step from it. So a
 * drawdown of a step or more is exact, and what a restart can lose is less than a step.
 */
export class PeakWatch {
  #highest: Decimal | undefined
  /** The noted peak that it is above: any other has been taken since, and this one does not go on. */
  #above: string | undefined

  /** The peak that is to be noted now, if one is. */
  take(risk: RiskState, equity: Decimal): Decimal | undefined {
    const { peakEquity } = risk
    const { peakStep } = levelsOf(risk)
    if (peakEquity === undefined || peakStep === undefined) return undefined
    const noted = decimal(peakEquity)
    const before = this.latest(risk)
    const highest = before?.gte(equity) === true ? before : equity
    if (!highest.gt(noted)) return undefined
    this.#highest = highest
    this.#above = peakEquity
    return highest.minus(noted).gte(peakStep) || highest.minus(equity).gte(peakStep) ? highest : undefined
  }

  /** A peak that was seen and not noted. */
  latest({ peakEquity }: RiskState): Decimal | undefined {
    return this.#above === peakEquity ? this.#highest : undefined
  }
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
