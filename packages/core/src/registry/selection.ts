import { SwarmError } from '../errors/swarm-error.js'
import type { Random } from '../random/random.js'
import { createConsistentHash } from './consistent-hash.js'
import { createLeastLoaded } from './least-loaded.js'
import { createPowerOfTwoChoices } from './power-of-two-choices.js'
import { createRoundRobin } from './round-robin.js'

/** One of those that could do it. */
export type Candidate = {
  readonly id: string
  /** How much it has to do, in any unit that all candidates share. */
  load(): number
}

/** Chooses who does it. It allocates nothing, and remembers no more than it needs: make one for each group of candidates. */
export type Selection = {
  readonly name: string
  /** One of the candidates, which are available all; undefined when there are none. The key says what belongs together. */
  choose<C extends Candidate>(candidates: readonly C[], key: string | undefined): C | undefined
}

/** The selections that have a name. */
export type SelectionName = 'round-robin' | 'least-loaded' | 'power-of-two-choices' | 'consistent-hash'

/** A new selection of that name. Throws `INVALID_OPTION`. */
export function selectionByName(name: SelectionName, { random }: { readonly random: Random }): Selection {
  switch (name) {
    case 'round-robin':
      return createRoundRobin()
    case 'least-loaded':
      return createLeastLoaded()
    case 'power-of-two-choices':
      return createPowerOfTwoChoices({ random })
    case 'consistent-hash':
      return createConsistentHash()
    default:
      throw new SwarmError({
        code: 'INVALID_OPTION',
        message: `there is no selection "${name as string}"; there are: round-robin, least-loaded, power-of-two-choices, consistent-hash`,
        context: { option: 'selection', value: name },
      })
  }
}
