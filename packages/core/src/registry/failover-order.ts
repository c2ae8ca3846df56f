import type { Candidate, Selection } from './selection.js'

/** Whom to try for one request, one after the other. */
export type FailoverOrder<C extends Candidate> = {
  /** The next candidate, never one that was given before; undefined when all were. */
  next(): C | undefined
}

/** The candidates of one request in the order in which a selection would choose them. Nothing is copied before the first has failed. */
export function failoverOrder<C extends Candidate>(
  selection: Selection,
  { candidates, key }: { readonly candidates: readonly C[]; readonly key: string | undefined },
): FailoverOrder<C> {
  return new SelectedOrder(selection, candidates, key)
}

class SelectedOrder<C extends Candidate> implements FailoverOrder<C> {
  readonly #selection: Selection
  readonly #key: string | undefined
  #untried: readonly C[]
  #last: C | undefined = undefined

  constructor(selection: Selection, candidates: readonly C[], key: string | undefined) {
    this.#selection = selection
    this.#untried = candidates
    this.#key = key
  }

  next(): C | undefined {
    const last = this.#last
    // By id, so that one that was given twice is tried once.
    if (last !== undefined) this.#untried = this.#untried.filter(({ id }) => id !== last.id)
    this.#last = this.#selection.choose(this.#untried, this.#key)
    return this.#last
  }
}
