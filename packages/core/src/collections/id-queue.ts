/** So many that are gone lie in front of the others before they are cut off. */
const mostGone = 1_024

/**
 * Ids in the order in which they came, each once. What comes in at one end and goes out at the other takes a fraction of the time that it takes
 * in a set of the language, which finds a place for each by its text and makes its table anew again and again.
 */
export class IdQueue {
  #ids: string[] = []
  /** Ids before it are gone. */
  #first = 0

  get size(): number {
    return this.#ids.length - this.#first
  }

  /** Undefined where there is none. */
  get oldest(): string | undefined {
    return this.#ids[this.#first]
  }

  /** All, oldest first, as of now. */
  list(): readonly string[] {
    return this.#ids.slice(this.#first)
  }

  /** Puts an id behind all others; it must not be among them. */
  add(id: string): void {
    this.#ids.push(id)
  }

  /** Takes the oldest out; undefined where there is none. */
  shift(): string | undefined {
    const oldest = this.#ids[this.#first]
    if (oldest === undefined) return undefined
    this.#first += 1
    if (this.#first >= mostGone && this.#first * 2 >= this.#ids.length) {
      this.#ids = this.#ids.slice(this.#first)
      this.#first = 0
    }
    return oldest
  }

  /** Takes one out, wherever it is: that looks for it among all, from the newest on. */
  delete(id: string): void {
    const place = this.#ids.lastIndexOf(id)
    if (place >= this.#first) this.#ids.splice(place, 1)
  }

  clear(): void {
    this.#ids = []
    this.#first = 0
  }
}
