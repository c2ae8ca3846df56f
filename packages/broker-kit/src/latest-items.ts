/** Keeps the latest items, up to so many; what falls out is told. Its work does not grow with how many it keeps. */
export class LatestItems<Item> {
  readonly #most: number
  readonly #onOut: (item: Item) => void
  readonly #items: Item[] = []
  #next = 0

  constructor(most: number, onOut: (item: Item) => void) {
    this.#most = most
    this.#onOut = onOut
  }

  /** Takes an item, in place of the oldest where it is full. */
  add(item: Item): void {
    const oldest = this.#items[this.#next]
    this.#items[this.#next] = item
    this.#next = (this.#next + 1) % this.#most
    if (oldest !== undefined) this.#onOut(oldest)
  }
}
