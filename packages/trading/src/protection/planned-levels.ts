import { decimal, decimalText, roundToStep } from '../money/decimal.js'
import type { ExitPlan } from '../orders/order-request.js'

/** Where stop and target rest: decimal texts on the tick grid. */
export type PlannedLevels = { readonly stop: string; readonly target: string }

type Known = { readonly side: 'long' | 'short'; readonly tickSize: string; readonly levels: PlannedLevels }

/** A plan never changes, and is asked about with each word that comes of its position. */
const known = new WeakMap<ExitPlan, Known>()

/** The levels of a plan, rounded towards the market, so that protection is never looser than planned. Throws `INVALID_DECIMAL`. */
export function plannedLevels(side: 'long' | 'short', plan: ExitPlan, tickSize: string): PlannedLevels {
  const before = known.get(plan)
  if (before !== undefined && before.side === side && before.tickSize === tickSize) return before.levels
  const tick = decimal(tickSize)
  const [stopRounding, targetRounding] = side === 'long' ? (['up', 'down'] as const) : (['down', 'up'] as const)
  const levels: PlannedLevels = {
    stop: decimalText(roundToStep(decimal(plan.stopPrice, 'exits.stopPrice'), tick, stopRounding)),
    target: decimalText(roundToStep(decimal(plan.targetPrice, 'exits.targetPrice'), tick, targetRounding)),
  }
  known.set(plan, { side, tickSize, levels })
  return levels
}
