import { LatestItems } from './latest-items.js'

/** So many look-ups are under way together. */
const together = 16

export type KeptLookupsOptions<Item, Found> = {
  readonly keyOf: (item: Item) => string
  /** Undefined where there is none: it is asked for again the next time. */
  readonly look: (item: Item) => Promise<Found | undefined>
  /** So many found ones are kept; the oldest are forgotten. */
  readonly most: number
}

/**
 * Looks up what never changes, each thing once however often it is asked for, several side by side. What was found is kept at once: whoever gives
 * up waiting and asks again finds it done.
 */
export class KeptLookups<Item, Found> {
  readonly #options: KeptLookupsOptions<Item, Found>
  readonly #kept = new Map<string, Found>()
  readonly #order: LatestItems<string>

  constructor(options: KeptLookupsOptions<Item, Found>) {
    this.#options = options
    this.#order = new LatestItems(options.most, (key) => this.#kept.delete(key))
  }

  find(item: Item): Found | undefined {
    return this.#kept.get(this.#options.keyOf(item))
  }

  keep(key: string, found: Found): void {
    if (this.#kept.has(key)) return
    this.#kept.set(key, found)
    this.#order.add(key)
  }

  /** Has all of them looked up that are not kept. Rejects with what the first look-up that fails throws, when none is under way any more. */
  async fetch(items: Iterable<Item>): Promise<void> {
    const { keyOf, look } = this.#options
    const missing = new Map<string, Item>()
    for (const item of items) if (this.find(item) === undefined) missing.set(keyOf(item), item)
    const waiting = missing.entries()
    const work = async (): Promise<void> => {
      for (const [key, item] of waiting) {
        const found = await look(item)
        if (found !== undefined) this.keep(key, found)
      }
    }
    const ends = await Promise.allSettled(Array.from({ length: Math.min(together, missing.size) }, work))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
}
