import { Turn } from './round-robin.js'
import type { Candidate, Selection } from './selection.js'

/** The one with the least to do; among equals each in turn. A load that is no number counts as the greatest. */
export function createLeastLoaded(): Selection {
  return new LeastLoaded()
}

class LeastLoaded implements Selection {
  readonly name = 'least-loaded'
  #turn = new Turn()

  choose<C extends Candidate>(candidates: readonly C[]): C | undefined {
    const first = this.#turn.next(candidates)
    let chosen = candidates[first]
    if (chosen === undefined) return undefined
    let chosenIndex = first
    let least = loadOf(chosen)
    // From whose turn it is, once around: an equal load does not displace one that was met before.
    for (let step = 1; step < candidates.length; step += 1) {
      const index = first + step < candidates.length ? first + step : first + step - candidates.length
      const candidate = candidates[index] as C
      const load = loadOf(candidate)
      if (load >= least) continue
      chosen = candidate
      chosenIndex = index
      least = load
    }
    this.#turn.took(chosen, chosenIndex)
    return chosen
  }
}

/** The load, or infinity for what is no number: it must not win every comparison, or none. */
export function loadOf(candidate: Candidate): number {
  const load = candidate.load()
  return Number.isNaN(load) ? Number.POSITIVE_INFINITY : load
}
