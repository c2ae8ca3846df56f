/** Remembers the latest ids, so that what comes twice is told once: at least so many, at most twice as many. */
export class RecentIds {
  readonly #least: number
  #latest = new Set<string>()
  #before: ReadonlySet<string> = new Set()

  constructor(least: number) {
    this.#least = least
  }

  /** Notes an id; false where it was noted before. */
  isNew(id: string): boolean {
    if (this.#latest.has(id) || this.#before.has(id)) return false
    this.#latest.add(id)
    // Two generations, since a set from which the oldest are taken one by one becomes slow.
    if (this.#latest.size >= this.#least) {
      this.#before = this.#latest
      this.#latest = new Set()
    }
    return true
  }
}
