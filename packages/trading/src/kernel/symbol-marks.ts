/** Up to so many are found by a walk over them. */
const mostInList = 8

/**
 * Symbols to which something has happened, each once, until somebody empties it. Nearly always they are one or two, and then neither marking
 * nor emptying makes anything: a set of the language makes a table each time.
 */
export class SymbolMarks {
  readonly #list: string[] = []
  #many: Set<string> | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  add(symbol: string): void {
    if (this.#many !== undefined) {
      this.#size = this.#many.add(symbol).size
      return
    }
    for (let index = 0; index < this.#size; index += 1) if (this.#list[index] === symbol) return
    if (this.#size === mostInList) this.#many = new Set(this.#list).add(symbol)
    else this.#list[this.#size] = symbol
    this.#size += 1
  }

  /** Visits all, in the order in which they were marked; none may be marked meanwhile. */
  forEach(visit: (symbol: string) => void): void {
    if (this.#many !== undefined) this.#many.forEach(visit)
    else for (let index = 0; index < this.#size; index += 1) visit(this.#list[index] as string)
  }

  clear(): void {
    this.#size = 0
    this.#many = undefined
  }
}
