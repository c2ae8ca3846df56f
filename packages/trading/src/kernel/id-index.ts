const emptyPlace = 0
const firstCapacity = 64

/**
 * What belongs to an id, as a map of the language without an order. Nearly all that it is asked for is new, and then it looks at numbers that
 * lie side by side: the language's own map compares with texts all over the memory, and takes three times as long once these are cold.
 */
export class IdIndex {
  /** A hash of the id at each place, {@link emptyPlace} where there is none. An id is at its hash's place or at one of the next without a gap. */
  #hashes = new Int32Array(firstCapacity)
  #ids: (string | undefined)[] = emptyList(firstCapacity)
  #values: (string | undefined)[] = emptyList(firstCapacity)
  #size = 0
  /** The id that was last asked for, which is mostly the next that is set. */
  #lastId = ''
  #lastHash = hashOf('')

  get size(): number {
    return this.#size
  }

  get(id: string): string | undefined {
    return this.#values[this.#placeOf(id)]
  }

  set(id: string, value: string): void {
    const place = this.#placeOf(id)
    this.#values[place] = value
    if (this.#hashes[place] !== emptyPlace) return
    this.#hashes[place] = this.#hash(id)
    this.#ids[place] = id
    this.#size += 1
    // A third at most is taken, so that the next gap is near.
    if (this.#size * 3 > this.#hashes.length) this.#grow()
  }

  delete(id: string): void {
    let gap = this.#placeOf(id)
    if (this.#hashes[gap] === emptyPlace) return
    this.#size -= 1
    // What stands behind it moves up where it would not be found across a gap.
    const mask = this.#hashes.length - 1
    for (let next = (gap + 1) & mask; this.#hashes[next] !== emptyPlace; next = (next + 1) & mask) {
      const hash = this.#hashes[next] as number
      if (((next - hash) & mask) < ((next - gap) & mask)) continue
      this.#hashes[gap] = hash
      this.#ids[gap] = this.#ids[next]
      this.#values[gap] = this.#values[next]
      gap = next
    }
    this.#hashes[gap] = emptyPlace
    this.#ids[gap] = undefined
    this.#values[gap] = undefined
  }

  /** Where an id is, or would be. */
  #placeOf(id: string): number {
    const hash = this.#hash(id)
    const mask = this.#hashes.length - 1
    let place = hash & mask
    for (; ; place = (place + 1) & mask) {
      const found = this.#hashes[place]
      if (found === emptyPlace || (found === hash && this.#ids[place] === id)) return place
    }
  }

  #hash(id: string): number {
    if (id !== this.#lastId) {
      this.#lastHash = hashOf(id)
      this.#lastId = id
    }
    return this.#lastHash
  }

  #grow(): void {
    const hashes = this.#hashes
    const ids = this.#ids
    const values = this.#values
    const capacity = hashes.length * 2
    this.#hashes = new Int32Array(capacity)
    this.#ids = emptyList(capacity)
    this.#values = emptyList(capacity)
    const mask = capacity - 1
    for (let from = 0; from < hashes.length; from += 1) {
      const hash = hashes[from] as number
      if (hash === emptyPlace) continue
      let place = hash & mask
      while (this.#hashes[place] !== emptyPlace) place = (place + 1) & mask
      this.#hashes[place] = hash
      this.#ids[place] = ids[from]
      this.#values[place] = values[from]
    }
  }
}

/** FNV-1a over the UTF-16 units (Fowler, Noll and Vo), its bits mixed down; never {@link emptyPlace}. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5 | 0
  for (let index = 0; index < id.length; index += 1) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193)
  hash ^= hash >>> 15
  return hash === emptyPlace ? 1 : hash
}

function emptyList(length: number): undefined[] {
  return Array.from({ length })
}
