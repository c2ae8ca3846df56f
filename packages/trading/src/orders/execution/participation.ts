import { type EpochMs, SwarmError } from '@tradeswarm/core'
import { decimal, fromFloat } from '../../money/decimal.js'
import type { OrderTerms } from '../order-request.js'
import { childUpTo, type ParentOrder, type ParentProgress } from './parent-order.js'

export type ParticipationOptions = {
  /** The share of what the market trades that the order may be: above 0, at most 1. */
  readonly maximumVolumeFraction: number
  /** Units that the market has traded since `startAt`, our own included: a decimal text. */
  readonly tradedVolume: string
  readonly now: EpochMs
}

/**
 * The next child of an order that is worked as a share of the market's volume: it brings what is assigned up to that share of what was
 * traded since the start. It asks for nothing before `startAt` and nothing from `endAt` on: what is left then is for its owner to decide.
 * Throws `INVALID_OPTION`.
 */
export function nextParticipationChildren(
  parent: ParentOrder,
  progress: ParentProgress,
  { maximumVolumeFraction, tradedVolume, now }: ParticipationOptions,
): readonly OrderTerms[] {
  if (!(maximumVolumeFraction > 0 && maximumVolumeFraction <= 1))
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `participation: maximumVolumeFraction is ${maximumVolumeFraction}; it must be above 0 and at most 1`,
    })
  if (now < parent.startAt || now >= parent.endAt) return []
  const share = decimal(tradedVolume, 'tradedVolume').times(
    fromFloat(maximumVolumeFraction, 12, 'maximumVolumeFraction'),
  )
  return childUpTo(parent, progress, share)
}
