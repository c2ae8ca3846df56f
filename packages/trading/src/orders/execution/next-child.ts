import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, divide, roundToStep, zero } from '../../money/decimal.js'
import type { OrderTerms } from '../order-request.js'
import { chasePrice, chooseOrder, type MarketView, type Urgency } from './choose-order.js'
import { type ExecutionPlan, leastVolumeParts, type PartsPlan } from './execution-plan.js'
import { type ParentOrder, type ParentProgress, unassigned } from './parent-order.js'
import { nextParticipationChildren } from './participation.js'
import { nextTwapChildren } from './twap.js'

/** All that decides what is sent next of an order that is worked. */
export type WorkInput = {
  readonly plan: ExecutionPlan | PartsPlan
  readonly parent: ParentOrder
  readonly progress: ParentProgress
  readonly view: MarketView
  readonly tickSize: string
  /** The price beyond which no child goes; undefined where nothing bounds it. */
  readonly worstPrice: string | undefined
  /** Units that the market has traded since the start. */
  readonly tradedVolume: string
  /** Children made so far, and when the last of them was. */
  readonly children: number
  readonly lastChildAt: EpochMs | undefined
  readonly now: EpochMs
}

/** What missed is not tried again sooner. */
const pauseMs = 1_000

/**
 * The terms of the next child, or undefined where nothing is due, the market is not known, or it is beyond the worst price. A pure
 * function; the child is never for more than what no other child has taken.
 */
export function nextChildTerms(input: WorkInput): OrderTerms | undefined {
  const { parent, tickSize, view } = input
  const quantity = nextChildQuantity(input)
  if (quantity === undefined) return undefined
  const { symbol, side } = parent.terms
  const chosen = chooseOrder({ symbol, side, quantity }, view, { urgency: urgencyOf(input.plan), tickSize })
  return chosen === undefined ? undefined : withinWorst(chosen, input)
}

/** Units that are due now, as a decimal text; undefined where that is nothing. */
export function nextChildQuantity(input: WorkInput): string | undefined {
  const { lastChildAt, now } = input
  return lastChildAt !== undefined && now - lastChildAt < pauseMs ? undefined : dueQuantity(input)
}

/** Whether a child that rests is to be taken away, to make room for one at a better place or for more. */
export function isOutdated(
  input: WorkInput,
  resting: { readonly limitPrice: string | undefined; readonly sentAt: EpochMs },
): boolean {
  const { plan, parent, view, tickSize, worstPrice, children, now } = input
  if (plan.style === 'twap') return sliceAt(plan, parent, now) > sliceAt(plan, parent, resting.sentAt)
  if (resting.limitPrice === undefined || now - resting.sentAt < pauseMs) return false
  const { side } = parent.terms
  const maximumMoves = plan.style === 'passive' ? plan.maximumMoves : Number.POSITIVE_INFINITY
  const options = { tickSize, worstPrice: worstPrice ?? unbounded, moves: children - 1, maximumMoves }
  return chasePrice({ side, limitPrice: resting.limitPrice }, view, options) !== undefined
}

/** Only a sale has no worst price, and what it takes in is above 0. */
const unbounded = '0'

function urgencyOf(plan: WorkInput['plan']): Urgency {
  if (plan.style === 'now' || plan.style === 'parts') return 'high'
  return plan.style === 'passive' ? 'low' : (plan.urgency ?? 'normal')
}

function dueQuantity(input: WorkInput): string | undefined {
  const { plan, parent, progress, tradedVolume, lastChildAt, now } = input
  switch (plan.style) {
    case 'now':
    case 'parts':
    case 'passive': {
      const left = unassigned(parent, progress)
      return left.eq(zero) ? undefined : decimalText(left)
    }
    case 'twap': {
      // One child a slice: what it misses, the next slice makes up.
      if (lastChildAt !== undefined && sliceAt(plan, parent, lastChildAt) === sliceAt(plan, parent, now))
        return undefined
      return nextTwapChildren(parent, progress, { slices: plan.slices, now })[0]?.quantity
    }
    case 'participation': {
      const { maximumVolumeFraction } = plan
      const options = { maximumVolumeFraction, tradedVolume, now }
      const due = nextParticipationChildren(parent, progress, options)[0]?.quantity
      return due === undefined || isTooSmall(decimal(due), parent, progress) ? undefined : due
    }
  }
}

/** A part of an order that follows the volume is worth a child, or is the last. */
function isTooSmall(due: Decimal, parent: ParentOrder, progress: ParentProgress): boolean {
  const least = divide(decimal(parent.terms.quantity), decimal(String(leastVolumeParts)), 18, 'down')
  return due.lt(least) && due.lt(unassigned(parent, progress))
}

function sliceAt({ slices }: { readonly slices: number }, { startAt, endAt }: ParentOrder, time: EpochMs): number {
  return Math.floor(((time - startAt) * slices) / (endAt - startAt))
}

/** A child keeps to the worst price: one that is to trade at once is not sent while the market is beyond it. */
function withinWorst(chosen: OrderTerms, { worstPrice, view, tickSize, parent }: WorkInput): OrderTerms | undefined {
  const isBuy = chosen.side === 'buy'
  if (worstPrice === undefined) return chosen
  const worst = decimal(worstPrice, 'worstPrice')
  const isBeyond = (price: Decimal): boolean => (isBuy ? price.gt(worst) : price.lt(worst))
  const touch = isBuy ? (view.ask ?? view.last) : (view.bid ?? view.last)
  if (chosen.timeInForce === 'ioc' && touch !== undefined && isBeyond(decimal(touch))) return undefined
  const { symbol, side, quantity } = chosen
  const limitPrice = decimalText(roundToStep(worst, decimal(tickSize), isBuy ? 'down' : 'up'))
  // A market order goes as far as it must: where a price was given, a limit there takes its place.
  if (chosen.type === 'market' && parent.terms.type === 'limit')
    return { symbol, side, quantity, type: 'limit', timeInForce: 'ioc', limitPrice }
  return chosen.limitPrice !== undefined && isBeyond(decimal(chosen.limitPrice)) ? { ...chosen, limitPrice } : chosen
}
