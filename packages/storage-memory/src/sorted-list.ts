/** Items in the order of a comparison that never calls two of them equal. */
export class SortedList<Item> {
  readonly items: Item[] = []
  readonly #compare: (left: Item, right: Item) => number

  constructor(compare: (left: Item, right: Item) => number) {
    this.#compare = compare
  }

  /** Adds an item that is not in the list yet. Appending is O(1), any other place costs a move of what follows. */
  insert(item: Item): void {
    const last = this.items.at(-1)
    if (last === undefined || this.#compare(last, item) < 0) this.items.push(item)
    else this.items.splice(this.#placeOf(item), 0, item)
  }

  /** Removes the item that compares equal, if there is one. */
  remove(item: Item): void {
    const place = this.#placeOf(item)
    const found = this.items[place]
    if (found !== undefined && this.#compare(found, item) === 0) this.items.splice(place, 1)
  }

  /** The place of the first item for which `isBefore` is false; `isBefore` must be true for a leading run only. */
  firstNot(isBefore: (item: Item) => boolean): number {
    let low = 0
    let high = this.items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isBefore(this.items[middle] as Item)) low = middle + 1
      else high = middle
    }
    return low
  }

  #placeOf(item: Item): number {
    return this.firstNot((other) => this.#compare(other, item) < 0)
  }
}
