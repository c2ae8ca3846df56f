const initialCapacity = 8

/** A queue in a ring of slots: adding and taking at either end costs the same however long it is. */
export class Fifo<Item> {
  #slots: (Item | undefined)[] = []
  #mask = -1
  #head = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  push(item: Item): void {
    if (this.#length > this.#mask) this.#grow()
    this.#slots[(this.#head + this.#length) & this.#mask] = item
    this.#length += 1
  }

  /** Puts an item before all others. */
  unshift(item: Item): void {
    if (this.#length > this.#mask) this.#grow()
    this.#head = (this.#head - 1) & this.#mask
    this.#slots[this.#head] = item
    this.#length += 1
  }

  shift(): Item | undefined {
    if (this.#length === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & this.#mask
    this.#length -= 1
    return item
  }

  peek(): Item | undefined {
    return this.#length === 0 ? undefined : this.#slots[this.#head]
  }

  /** Takes everything, first to last. */
  drain(): Item[] {
    const items: Item[] = []
    for (let item = this.shift(); item !== undefined; item = this.shift()) items.push(item)
    this.#slots = []
    this.#mask = -1
    this.#head = 0
    return items
  }

  #grow(): void {
    const capacity = Math.max(initialCapacity, (this.#mask + 1) * 2)
    const slots: (Item | undefined)[] = []
    for (let index = 0; index < this.#length; index += 1) slots.push(this.#slots[(this.#head + index) & this.#mask])
    while (slots.length < capacity) slots.push(undefined)
    this.#slots = slots
    this.#mask = capacity - 1
    this.#head = 0
  }
}
