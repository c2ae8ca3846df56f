import type { EpochMs } from '@tradeswarm/core'
import type { Urgency } from './choose-order.js'

/**
 * How an order is worked: as a parent that the kernel sends in children. Its end is the `expiresAt` of the intent, its worst price the
 * `limitPrice`, where it has one. An exit is worked in market orders, by time or by volume, without an urgency.
 */
export type ExecutionPlan =
  /** At once, by a market order or a limit that reaches, as spread and size make it; what is missed is tried again. */
  | { readonly style: 'now' }
  /** A limit at our own side of the spread, moved after the price at most so often. */
  | { readonly style: 'passive'; readonly maximumMoves: number }
  /** Evenly over time, in slices of equal length from `startAt` (default: when it was assessed) to the end. */
  | { readonly style: 'twap'; readonly slices: number; readonly startAt?: EpochMs; readonly urgency?: Urgency }
  /** As a share of what the market trades from `startAt` on: {@link leastVolumeFraction} to 1. */
  | {
      readonly style: 'participation'
      readonly maximumVolumeFraction: number
      readonly startAt?: EpochMs
      readonly urgency?: Urgency
    }

/**
 * How the kernel works an exit that is more than its venue takes as one order: in so many parts, all at once. It is part of no intent; the
 * order is that of a plain market exit otherwise.
 */
export type PartsPlan = { readonly style: 'parts'; readonly parts: number }

/** A passive limit is moved at most so often. */
export const maximumPassiveMoves = 1_000
/** A parent is worked in at most so many slices by time; each may be tried in two children. */
export const maximumWorkedSlices = 1_000

/** The least share of the volume that an order is worked as: one unit in a million. Shares are counted to 12 places, and what is less than that is none. */
export const leastVolumeFraction = 1e-6

const triesNow = 10
/** A part of an order that follows the volume is at least one of so many; there may be twice as many children, since some miss. */
export const leastVolumeParts = 25

/** The most children that are made for a parent: what is left when they are used up is withdrawn. Each may cost the least fee. */
export function maximumChildren(plan: ExecutionPlan | PartsPlan): number {
  switch (plan.style) {
    case 'now':
      return triesNow
    case 'passive':
      return plan.maximumMoves + 1
    case 'twap':
      return 2 * plan.slices
    case 'participation':
      return 2 * leastVolumeParts
    case 'parts':
      return Math.max(triesNow, 2 * plan.parts)
  }
}
