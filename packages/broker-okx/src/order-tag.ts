import type { EpochMs } from '@tradeswarm/core'
import type { OrderRequest } from '@tradeswarm/trading'

const dayMs = 86_400_000

/**
 * What an order carries of ours in its tag, since OKX has no word for it: that it was to trade at once, or until when it may rest. So an order
 * is understood after a restart too. At most 16 letters and digits.
 */
export type OrderTag = { readonly type: 'at-once' } | { readonly type: 'until'; readonly time: EpochMs } | undefined

/** The tag of an order that is sent at an instant of the venue's clock. A day ends at midnight UTC, as everywhere where a market never closes. */
export function tagOf({ timeInForce, expiresAt, type }: OrderRequest, now: EpochMs): string | undefined {
  if (timeInForce === 'ioc' || timeInForce === 'fok') return 'tsnow'
  // A market order does not rest.
  if (type === 'market') return undefined
  if (timeInForce === 'day') return untilTag((Math.floor(now / dayMs) + 1) * dayMs)
  return timeInForce === 'gtd' && expiresAt !== undefined ? untilTag(expiresAt) : undefined
}

/** Reads a tag; undefined for one that says nothing of this, or is not ours. */
export function readTag(tag: string): OrderTag {
  if (tag === '') return undefined
  if (tag === 'tsnow') return { type: 'at-once' }
  const [, digits] = /^tsu([0-9a-z]{1,11})$/.exec(tag) ?? []
  if (digits === undefined) return undefined
  const time = Number.parseInt(digits, 36)
  return Number.isSafeInteger(time) ? { type: 'until', time } : undefined
}

function untilTag(time: EpochMs): string {
  return `tsu${time.toString(36)}`
}
