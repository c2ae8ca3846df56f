import type { EpochMs } from '@tradeswarm/core'

/** One price of a book and how much is offered at it, as the venue wrote them. */
export type BookLevel = readonly [price: string, size: string]

/** A book at an instant: the best prices first. */
export type BookView = {
  readonly symbol: string
  readonly time: EpochMs
  readonly bids: readonly BookLevel[]
  readonly asks: readonly BookLevel[]
}

/** Puts a level in its place among the levels of its side, or takes it away where its size is 0. Prices are compared as numbers: here they only have to be in order. */
export function placeLevel(levels: BookLevel[], level: BookLevel, isBid: boolean): void {
  const price = Number(level[0])
  let [low, high] = [0, levels.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const there = Number(levels[middle]?.[0])
    if (isBid ? there > price : there < price) low = middle + 1
    else high = middle
  }
  const isThere = Number(levels[low]?.[0]) === price
  if (Number(level[1]) === 0) {
    if (isThere) levels.splice(low, 1)
  } else levels.splice(low, isThere ? 1 : 0, level)
}
