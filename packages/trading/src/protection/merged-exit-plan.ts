import { decimal } from '../money/decimal.js'
import type { ExitPlan } from '../orders/order-request.js'

/**
 * The plan of a position that a further entry enlarges: its stop and its time may get tighter and never looser,
 * its target is the one decided last.
 */
export function mergedExitPlan(
  side: 'long' | 'short',
  current: ExitPlan | undefined,
  next: ExitPlan | undefined,
): ExitPlan | undefined {
  if (current === undefined || next === undefined) return next ?? current
  const higher = decimal(next.stopPrice).gt(decimal(current.stopPrice))
  return {
    stopPrice: higher === (side === 'long') ? next.stopPrice : current.stopPrice,
    targetPrice: next.targetPrice,
    maximumSessions: Math.min(current.maximumSessions, next.maximumSessions),
  }
}
