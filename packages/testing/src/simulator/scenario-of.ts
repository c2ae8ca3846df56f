import { generateScenario } from './generate-scenario.js'
import type { SimulationSubject } from './run-scenario.js'
import type { Scenario } from './scenario.js'

/** The scenario of a seed, as the subject's venue allows it. */
export async function scenarioOf(seed: number, { venue }: SimulationSubject): Promise<Scenario> {
  return generateScenario(seed, await venue?.terms())
}
