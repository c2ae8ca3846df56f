import { type EpochMs, SwarmError } from '@tradeswarm/core'
import { decimal, divide } from '../../money/decimal.js'
import type { OrderTerms } from '../order-request.js'
import { childUpTo, type ParentOrder, type ParentProgress } from './parent-order.js'

/** In how many slices of equal time a parent is worked. */
export type TwapOptions = { readonly slices: number }

/** The most slices of one parent. */
export const maximumSlices = 10_000

/**
 * The next child of an order that is worked evenly over time: at the start of each slice it brings what is assigned up to the share of
 * the slices begun. What a slice missed, the next one makes up; from `endAt` on it asks for all that is left. Throws `INVALID_OPTION`.
 */
export function nextTwapChildren(
  parent: ParentOrder,
  progress: ParentProgress,
  { slices, now }: TwapOptions & { readonly now: EpochMs },
): readonly OrderTerms[] {
  checkOptions(parent, slices)
  if (now < parent.startAt) return []
  const total = decimal(parent.terms.quantity, 'quantity')
  if (now >= parent.endAt) return childUpTo(parent, progress, total)
  const begun = Math.floor(((now - parent.startAt) * slices) / (parent.endAt - parent.startAt)) + 1
  const share = divide(total.times(decimal(String(begun))), decimal(String(slices)), 18, 'down')
  return childUpTo(parent, progress, share)
}

/** The instants at which slices begin. Throws `INVALID_OPTION`. */
export function twapInstants(parent: ParentOrder, { slices }: TwapOptions): readonly EpochMs[] {
  checkOptions(parent, slices)
  const length = parent.endAt - parent.startAt
  return Array.from({ length: slices }, (_, index) => parent.startAt + Math.ceil((length * index) / slices))
}

function checkOptions({ startAt, endAt }: ParentOrder, slices: number): void {
  if (!Number.isSafeInteger(slices) || slices < 1 || slices > maximumSlices)
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `twap: slices is ${slices}; it must be a whole number from 1 to ${maximumSlices}`,
    })
  if (!(startAt < endAt))
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `twap: endAt is ${endAt}; it must be after startAt, ${startAt}`,
    })
}
