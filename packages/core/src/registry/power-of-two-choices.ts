import type { Random } from '../random/random.js'
import { loadOf } from './least-loaded.js'
import type { Candidate, Selection } from './selection.js'

/** The less loaded of two drawn at random: nearly as even as the least loaded, without looking at all, nor all choosing the same one. */
export function createPowerOfTwoChoices({ random }: { readonly random: Random }): Selection {
  return new PowerOfTwoChoices(random)
}

class PowerOfTwoChoices implements Selection {
  readonly name = 'power-of-two-choices'
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  choose<C extends Candidate>(candidates: readonly C[]): C | undefined {
    const count = candidates.length
    if (count < 2) return candidates[0]
    const first = Math.floor(this.#random.next() * count)
    const other = Math.floor(this.#random.next() * (count - 1))
    const one = candidates[first] as C
    // Skipping the first makes every pair as likely as any other.
    const two = candidates[other < first ? other : other + 1] as C
    return loadOf(two) < loadOf(one) ? two : one
  }
}
