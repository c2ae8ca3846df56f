import { lastActMs, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

/** The venue takes an execution of an order that has ended back, or gives it another price. */
export type CorrectionStep = {
  readonly do: 'correct'
  readonly pick: number
  /** Absent: it is taken back. */
  readonly basisPoints?: number
}

/** Executions that the venue changes, at venues whose stream has no history too: there they can be asked for. */
export const corrections: ActFamily = {
  name: 'corrections',
  share: 12,
  needsOwnVenue: true,
  shape: (scenario) => ({
    ...scenario,
    venue: { ...scenario.venue, tellsExecutions: scenario.venue.tellsExecutions || !scenario.venue.replays },
  }),
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(2, 7); count > 0; count -= 1) {
      const at = dice.int(7_000, lastActMs(scenario) + 5_000)
      const pick = dice.int(0, 4)
      const basisPoints = dice.pick([-1, 1]) * dice.int(1, 300)
      steps.push({ at, do: 'correct', pick, ...(dice.chance(0.25) ? {} : { basisPoints }) })
      // Once more, while the word of the first is on its way.
      if (dice.chance(0.2))
        steps.push({ at: at + dice.int(0, 900), do: 'correct', pick, basisPoints: dice.int(-300, 300) })
    }
    return steps
  },
  carryOut({ world }, step) {
    if (step.do !== 'correct') return false
    if (!world.scenario.venue.replays) world.cover('change of an execution without a history')
    if (step.basisPoints === undefined) world.venue.bust(step.pick)
    else world.venue.correct(step.pick, { basisPoints: step.basisPoints })
    return true
  },
  covers: {
    'execution corrected': 'venue, of an order that has ended',
    'change of an execution without a history': 'venue, whose stream does not tell again',
  },
}
