/**
 * Keeps items by key for a while. They are forgotten many at a time: one that is taken out by itself is looked for once more, long after
 * anybody last looked at it, and that takes longer than to put it in.
 */
export class RecentMap<Item> {
  #latest = new Map<string, Item>()
  #before = new Map<string, Item>()

  get(key: string): Item | undefined {
    return this.#latest.get(key) ?? this.#before.get(key)
  }

  set(key: string, item: Item): void {
    this.#latest.set(key, item)
  }

  delete(key: string): void {
    this.#latest.delete(key)
    this.#before.delete(key)
  }

  /** Forgets what was not put in since the last turn, and answers all of that. Whatever is to stay is to be put in again. */
  turn(): ReadonlyMap<string, Item> {
    const gone = this.#before
    this.#before = this.#latest
    this.#latest = new Map()
    return gone
  }
}
