import { lastActMs, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

/** The venue finds that an execution of an order that has ended was of more, or fewer, lots. */
export type RecountStep = { readonly do: 'recount'; readonly pick: number; readonly share: number }

/** Executions whose units the venue corrects, never beyond what was ordered: told by the stream, or found where its history is lost. */
export const recounts: ActFamily = {
  name: 'corrected units',
  share: 10,
  needsOwnVenue: true,
  shape: (scenario) => ({
    ...scenario,
    venue: { ...scenario.venue, tellsExecutions: scenario.venue.tellsExecutions || !scenario.venue.replays },
  }),
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(3, 8); count > 0; count -= 1) {
      const at = dice.int(7_000, lastActMs(scenario) + 5_000)
      const pick = dice.int(0, 4)
      steps.push({ at, do: 'recount', pick, share: dice.pick([0.2, 0.5, 0.9, 1.2, 2]) })
      const next = at + dice.int(0, 900)
      // While the word of the first is on its way: other units once more, another price, or none of it at all.
      const then = dice.pick(['recount', 'price', 'bust', undefined, undefined, undefined])
      if (then === 'recount') steps.push({ at: next, do: 'recount', pick, share: dice.pick([0.5, 1.5]) })
      else if (then === 'price') steps.push({ at: next, do: 'correct', pick, basisPoints: dice.int(-300, 300) })
      else if (then === 'bust') steps.push({ at: next, do: 'correct', pick })
    }
    return steps
  },
  carryOut({ world, calmUntil }, step) {
    if (step.do !== 'recount') return false
    // What a company pays is paid on what was held, and not on what is found later.
    if (world.time.now() < calmUntil) return true
    const change = world.venue.correct(step.pick, { share: step.share })
    if (change !== undefined) world.cover(`execution of ${change} units than told`)
    return true
  },
  covers: {
    'execution of more units than told': 'venue, of an order that has ended',
    'execution of fewer units than told': 'venue, of an order that has ended',
  },
}
