type Entry<Item> = { readonly key: string; readonly item: Item }

/**
 * Keeps items by key for a while. They are forgotten many at a time: one that is taken out by itself is looked for once more, long after
 * anybody last looked at it, and that takes longer than to put it in.
 */
export class RecentMap<Item> {
  #latest = new Shelf<Item>()
  #before = new Shelf<Item>()

  get(key: string): Item | undefined {
    const place = placeOf(key)
    return this.#latest.get(place, key) ?? this.#before.get(place, key)
  }

  set(key: string, item: Item): void {
    this.#latest.set(placeOf(key), key, item)
  }

  delete(key: string): void {
    const place = placeOf(key)
    this.#latest.delete(place, key)
    this.#before.delete(place, key)
  }

  /** Forgets what was not put in since the last turn, and answers all of that. Whatever is to stay is to be put in again. */
  turn(): Iterable<readonly [string, Item]> {
    const gone = this.#before
    this.#before = this.#latest
    this.#latest = new Shelf()
    return gone.all()
  }
}

/**
 * Items by a number that follows from their key. To find a text in a large map, an engine looks at every other that it meets on the way, each
 * somewhere else in memory; numbers stand in the map itself.
 */
class Shelf<Item> {
  readonly #byPlace = new Map<number, Entry<Item>>()
  /** Those whose place was taken by another. */
  readonly #others = new Map<string, Item>()

  get(place: number, key: string): Item | undefined {
    const entry = this.#byPlace.get(place)
    if (entry?.key === key) return entry.item
    return this.#others.size === 0 ? undefined : this.#others.get(key)
  }

  set(place: number, key: string, item: Item): void {
    const entry = this.#byPlace.get(place)
    if (entry === undefined || entry.key === key) this.#byPlace.set(place, { key, item })
    else this.#others.set(key, item)
  }

  delete(place: number, key: string): void {
    if (this.#byPlace.get(place)?.key === key) this.#byPlace.delete(place)
    this.#others.delete(key)
  }

  *all(): Iterable<readonly [string, Item]> {
    for (const { key, item } of this.#byPlace.values()) yield [key, item]
    yield* this.#others
  }
}

/** Where ids of one kind differ: at their end. */
const tellingLength = 8

/** A number of 30 bits, which stands in a map as it is. */
function placeOf(key: string): number {
  const { length } = key
  let place = length
  for (let index = Math.max(0, length - tellingLength); index < length; index += 1)
    place = (Math.imul(place, 31) + key.charCodeAt(index)) & 0x3fffffff
  return place
}
