import type { Observation } from '../observation.js'
import type { Scenario } from '../scenario.js'
import type { SimulatedVenue } from '../venue-port.js'
import type { JournalFold } from './journal-fold.js'

/** Tells of a property that does not hold: the number of the invariant, such as `I07`, and what was seen. */
export type Report = (invariant: string, message: string) => void

/** What a checker may look at besides what it observes. */
export type CheckerWorld = {
  readonly scenario: Scenario
  readonly venue: SimulatedVenue
  readonly now: () => number
  /** What the journal of a life says so far, added up by a naive fold. */
  readonly foldOf: (life: number) => JournalFold
  /** Whether requests, stream and prices get through at present, and since when. */
  readonly reachableSince: () => number | undefined
}

/** An independent judge. It sees everything that passes between kernel and world, and shares no code with the kernel. */
export type Checker = (observation: Observation) => void

/** Makes a checker for one run. */
export type CheckerFactory = (world: CheckerWorld, report: Report) => Checker
