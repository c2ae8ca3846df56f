import { SwarmError } from '@tradeswarm/core'

/** What is queued: how urgent it is, and how alike it is to others. */
export type QueuedRecommendation<Item> = {
  readonly item: Item
  readonly symbol: string
  /** The higher, the sooner. */
  readonly priority: number
}

/** Above this correlation two recommendations are one bet, made twice. */
const alike = 0.5

/**
 * A bounded queue of recommendations, the most urgent first. What is alike to one that was taken before loses priority by how alike it is:
 * two entries that rise and fall together are one risk. Equal priorities come by symbol, so that the order is the same everywhere.
 */
export class RecommendationQueue<Item> {
  readonly #maximum: number
  readonly #correlation: (one: string, other: string) => number | undefined
  readonly #waiting: QueuedRecommendation<Item>[] = []
  readonly #taken: string[] = []

  /** Throws `INVALID_OPTION`. */
  constructor(options: {
    /** More than so many are not kept: the least urgent go. */
    readonly maximum: number
    readonly correlation?: (one: string, other: string) => number | undefined
  }) {
    const { maximum, correlation = () => undefined } = options
    if (!Number.isSafeInteger(maximum) || maximum < 1)
      throw new SwarmError({
        code: 'INVALID_OPTION',
        message: `RecommendationQueue: maximum is ${maximum}; it must be a whole number from 1`,
      })
    this.#maximum = maximum
    this.#correlation = correlation
  }

  get length(): number {
    return this.#waiting.length
  }

  /** Queues one; gives back the one that had to go for lack of room, which may be it. A priority that is no number counts as the least. */
  push(queued: QueuedRecommendation<Item>): QueuedRecommendation<Item> | undefined {
    const priority = Number.isNaN(queued.priority) ? Number.NEGATIVE_INFINITY : queued.priority
    this.#waiting.push({ ...queued, priority })
    if (this.#waiting.length <= this.#maximum) return undefined
    this.#waiting.sort(before)
    return this.#waiting.pop()
  }

  /** Takes the most urgent one, after what is alike to earlier ones has lost its part. */
  pop(): QueuedRecommendation<Item> | undefined {
    const effective = this.#waiting.map((queued) => ({
      ...queued,
      priority: queued.priority * this.#novelty(queued.symbol),
    }))
    const [best] = effective.sort(before)
    if (best === undefined) return undefined
    const place = this.#waiting.findIndex(({ item }) => item === best.item)
    this.#waiting.splice(place, 1)
    this.#taken.push(best.symbol)
    return best
  }

  /** From 1 for one that is unlike all that were taken, down to a half for one that moves just as one of them. */
  #novelty(symbol: string): number {
    let most = alike
    for (const taken of this.#taken) most = Math.max(most, this.#correlation(symbol, taken) ?? 0)
    return 1 - (most - alike)
  }
}

function before(
  a: { readonly priority: number; readonly symbol: string },
  b: { readonly priority: number; readonly symbol: string },
): number {
  return b.priority === a.priority ? (a.symbol < b.symbol ? -1 : 1) : b.priority > a.priority ? 1 : -1
}
