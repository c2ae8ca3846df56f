import type { StepDesk } from '../carry-out-step.js'
import type { Dice } from '../dice.js'
import type { Scenario, Step } from '../scenario.js'
import type { VenueTerms } from '../venue-end.js'

/** Acts of one kind that some seeds have: the world that they need, what is done, and how. A file each, so that more can be added. */
export type ActFamily = {
  readonly name: string
  /** In so many of a hundred seeds. */
  readonly share: number
  /** It has the venue do what only the simulator's own can be made to do. */
  readonly needsOwnVenue?: true
  /** In so many of a hundred seeds over the adapter of a broker, where that is not `share`. */
  readonly shareAt?: (terms: VenueTerms) => number
  /** The scenario with what these acts need of the world. */
  readonly shape?: (scenario: Scenario, dice: Dice) => Scenario
  /** What is done in a seed that has them. */
  readonly steps: (scenario: Scenario, dice: Dice) => readonly Step[]
  /** What is done besides over the adapter of a broker. */
  readonly stepsAt?: (scenario: Scenario, dice: Dice) => readonly Step[]
  /** Does a step of this family; false for one that is of another. */
  readonly carryOut: (desk: StepDesk, step: Step) => boolean
  /** What must have happened in some of many seeds, and where that is brought about. */
  readonly covers: Readonly<Record<string, string>>
}
