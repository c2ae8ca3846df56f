/** Up to so many are found by a walk over them. */
const mostInList = 8

/**
 * Symbols to which something has happened, each once, until somebody empties it. Nearly always they are one or two, and then neither marking
 * nor emptying makes anything: a set of the language makes a table each time.
 */
export class SymbolMarks {
  readonly #list: string[] = []
  #listed = 0
  #many: Set<string> | undefined

  get size(): number {
    return this.#many?.size ?? this.#listed
  }

  add(symbol: string): void {
    if (this.#many !== undefined) {
      this.#many.add(symbol)
      return
    }
    for (let index = 0; index < this.#listed; index += 1) if (this.#list[index] === symbol) return
    if (this.#listed === mostInList) this.#many = new Set(this.#list).add(symbol)
    else {
      this.#list[this.#listed] = symbol
      this.#listed += 1
    }
  }

  /** Visits all, in the order in which they were marked; none may be marked meanwhile. */
  forEach(visit: (symbol: string) => void): void {
    if (this.#many !== undefined) this.#many.forEach(visit)
    else for (let index = 0; index < this.#listed; index += 1) visit(this.#list[index] as string)
  }

  clear(): void {
    this.#listed = 0
    this.#many = undefined
  }
}
