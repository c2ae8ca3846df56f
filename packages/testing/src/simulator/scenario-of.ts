import { generateScenario } from './generate-scenario.js'
import { createPatience, type Patience } from './patience.js'
import type { SimulationSubject } from './run-scenario.js'
import type { Scenario } from './scenario.js'

/** The scenario of a seed, as the subject's venue allows it. Throws `SUBJECT_UNSETTLED`. */
export async function scenarioOf(
  seed: number,
  { venue }: SimulationSubject,
  patience: Patience = createPatience('scenarioOf'),
): Promise<Scenario> {
  if (venue === undefined) return generateScenario(seed)
  return generateScenario(
    seed,
    await patience.wait('terms() of the venue, which opens its adapter once,', venue.terms(seed)),
  )
}
