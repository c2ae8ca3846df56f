import { IdIndex } from './id-index.js'

/** So many that were taken out are kept in the list before they are cut off. */
const mostGone = 1_024

/** Ids in the order in which they came, each once: a set of which the oldest is found at once, and that looks for an id as an {@link IdIndex} does. */
export class IdQueue {
  /** Where each is in the list, counted from the first that ever was. */
  readonly #places = new IdIndex<number>()
  #list: string[] = []
  /** The place of the first of the list, and how many at its front are gone. */
  #from = 0
  #gone = 0

  get size(): number {
    return this.#places.size
  }

  has(id: string): boolean {
    return this.#places.has(id)
  }

  add(id: string): void {
    if (this.#places.has(id)) return
    this.#places.set(id, this.#from + this.#list.length)
    this.#list.push(id)
  }

  delete(id: string): void {
    this.#places.delete(id)
  }

  /** The one that has been in it longest. */
  oldest(): string | undefined {
    while (this.#gone < this.#list.length && !this.#isIn(this.#gone)) this.#gone += 1
    if (this.#gone >= mostGone && this.#gone * 2 >= this.#list.length) {
      this.#list = this.#list.slice(this.#gone)
      this.#from += this.#gone
      this.#gone = 0
    }
    return this.#list[this.#gone]
  }

  clear(): void {
    for (const id of this.toArray()) this.#places.delete(id)
    this.#list = []
    this.#from = 0
    this.#gone = 0
  }

  /** All of them, oldest first. */
  toArray(): string[] {
    return this.#list.filter((_, index) => this.#isIn(index))
  }

  #isIn(index: number): boolean {
    return this.#places.get(this.#list[index] as string) === this.#from + index
  }
}
