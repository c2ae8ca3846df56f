import { type Decimal, decimal } from '../money/decimal.js'
import type { ExitPlan } from '../orders/order-request.js'

/**
 * The plan of a position that a further entry enlarges: its stop, its trail and its time may get tighter and never looser,
 * its target and the price at which it breaks even are those decided last.
 */
export function mergedExitPlan(
  side: 'long' | 'short',
  current: ExitPlan | undefined,
  next: ExitPlan | undefined,
): ExitPlan | undefined {
  if (current === undefined || next === undefined) return next ?? current
  const higher = decimal(next.stopPrice).gt(decimal(current.stopPrice))
  const breakEvenPrice = next.breakEvenPrice ?? current.breakEvenPrice
  return {
    stopPrice: higher === (side === 'long') ? next.stopPrice : current.stopPrice,
    targetPrice: next.targetPrice,
    maximumSessions: Math.min(current.maximumSessions, next.maximumSessions),
    ...mergedTrail(current, next),
    ...(breakEvenPrice === undefined ? {} : { breakEvenPrice }),
  }
}

type Trail = Pick<ExitPlan, 'trailAmount' | 'trailFraction'>

/** Trails of two kinds cannot be compared: the one decided last holds. */
function mergedTrail(current: ExitPlan, next: ExitPlan): Trail {
  for (const field of ['trailAmount', 'trailFraction'] as const) {
    const [a, b] = [current[field], next[field]]
    if (a !== undefined && b !== undefined) return { [field]: least(decimal(a), decimal(b)) === 'a' ? a : b }
  }
  const last = trailOf(next) ?? trailOf(current)
  return last ?? {}
}

function trailOf({ trailAmount, trailFraction }: ExitPlan): Trail | undefined {
  if (trailAmount !== undefined) return { trailAmount }
  return trailFraction === undefined ? undefined : { trailFraction }
}

function least(a: Decimal, b: Decimal): 'a' | 'b' {
  return a.lt(b) ? 'a' : 'b'
}
