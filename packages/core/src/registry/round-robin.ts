import type { Candidate, Selection } from './selection.js'

/** Each in turn: the one after the last chosen, so never the same twice in a row while there are others. */
export function createRoundRobin(): Selection {
  return new RoundRobin()
}

class RoundRobin implements Selection {
  readonly name = 'round-robin'
  #turn = new Turn()

  choose<C extends Candidate>(candidates: readonly C[]): C | undefined {
    const index = this.#turn.next(candidates)
    const chosen = candidates[index]
    if (chosen !== undefined) this.#turn.took(chosen, index)
    return chosen
  }
}

/** Whose turn it is among candidates that come and go. */
export class Turn {
  #lastId: string | undefined = undefined
  #lastIndex = -1

  /** The index of the candidate after the last one, wherever that stands by now. */
  next(candidates: readonly Candidate[]): number {
    const next = this.#indexOfLast(candidates) + 1
    return next < candidates.length ? next : 0
  }

  took({ id }: Candidate, index: number): void {
    this.#lastId = id
    this.#lastIndex = index
  }

  #indexOfLast(candidates: readonly Candidate[]): number {
    if (this.#lastId === undefined || candidates[this.#lastIndex]?.id === this.#lastId) return this.#lastIndex
    for (let index = 0; index < candidates.length; index += 1) {
      if (candidates[index]?.id === this.#lastId) return index
    }
    // Gone: whoever came after it has moved up into its place.
    return this.#lastIndex - 1
  }
}
