const emptyPlace = 0
const firstCapacity = 16

/**
 * What belongs to an id, as a map of the language without an order. Nearly all that it is asked for is new, and then it looks at numbers that
 * lie side by side: the language's own map compares with texts all over the memory, and takes three times as long once these are cold.
 */
export class IdIndex<V = string> {
  /** A hash of the id at each place, {@link emptyPlace} where there is none. An id is at its hash's place or at one of the next without a gap. */
  #hashes = new Int32Array(firstCapacity)
  /** At two times its place the id, and behind it what belongs to it. */
  #entries: (string | V | undefined)[] = emptyList(firstCapacity * 2)
  #size = 0
  /** The id that was last asked for, which is mostly the next that is set. */
  #lastId = ''
  #lastHash = hashOf('')

  get size(): number {
    return this.#size
  }

  get(id: string): V | undefined {
    return this.#entries[this.#placeOf(id) * 2 + 1] as V | undefined
  }

  has(id: string): boolean {
    return this.#hashes[this.#placeOf(id)] !== emptyPlace
  }

  set(id: string, value: V): void {
    const place = this.#placeOf(id)
    this.#entries[place * 2 + 1] = value
    if (this.#hashes[place] !== emptyPlace) return
    this.#hashes[place] = this.#hash(id)
    this.#entries[place * 2] = id
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
      this.#entries[gap * 2] = this.#entries[next * 2]
      this.#entries[gap * 2 + 1] = this.#entries[next * 2 + 1]
      gap = next
    }
    this.#hashes[gap] = emptyPlace
    this.#entries[gap * 2] = undefined
    this.#entries[gap * 2 + 1] = undefined
  }

  /** Where an id is, or would be. */
  #placeOf(id: string): number {
    const hash = this.#hash(id)
    const mask = this.#hashes.length - 1
    let place = hash & mask
    for (; ; place = (place + 1) & mask) {
      const found = this.#hashes[place]
      if (found === emptyPlace || (found === hash && this.#entries[place * 2] === id)) return place
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
    const entries = this.#entries
    const capacity = hashes.length * 2
    this.#hashes = new Int32Array(capacity)
    this.#entries = emptyList(capacity * 2)
    const mask = capacity - 1
    for (let from = 0; from < hashes.length; from += 1) {
      const hash = hashes[from] as number
      if (hash === emptyPlace) continue
      let place = hash & mask
      while (this.#hashes[place] !== emptyPlace) place = (place + 1) & mask
      this.#hashes[place] = hash
      this.#entries[place * 2] = entries[from * 2]
      this.#entries[place * 2 + 1] = entries[from * 2 + 1]
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
  // As `Array.from` makes it, in a fraction of the time.
  const list: undefined[] = []
  for (let place = 0; place < length; place += 1) list.push(undefined)
  return list
}
