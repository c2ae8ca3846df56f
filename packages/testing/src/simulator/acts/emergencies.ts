import { callOperator, simulatedOperator } from '../operator-desk.js'
import { lastActMs, type Step } from '../scenario.js'
import { simulatedEmergencySecret } from '../simulated-names.js'
import type { ActFamily } from './act-family.js'

/** An operator has all positions left, or nothing sent at all. */
export type EmergencyStep = { readonly do: 'flatten'; readonly agent?: number } | { readonly do: 'freeze' | 'unfreeze' }

/** Flattening, of the account or of one agent's positions, and freezing. */
export const emergencies: ActFamily = {
  name: 'emergencies',
  share: 8,
  shape: (scenario) => ({ ...scenario, guardsEmergencies: true }),
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(1, 3); count > 0; count -= 1) {
      const at = dice.int(9_000, lastActMs(scenario))
      if (dice.chance(0.6)) {
        steps.push({ at, do: 'flatten', ...(dice.chance(0.4) ? { agent: dice.int(1, 3) } : {}) })
        if (dice.chance(0.7)) steps.push({ at: at + dice.int(3_000, 25_000), do: 'resume' })
      } else {
        steps.push({ at, do: 'freeze' })
        if (dice.chance(0.8)) steps.push({ at: at + dice.int(10, 20_000), do: 'unfreeze' })
      }
    }
    return steps
  },
  carryOut({ world, current }, step) {
    if (step.do !== 'flatten' && step.do !== 'freeze' && step.do !== 'unfreeze') return false
    const life = current()
    if (life?.running !== true) return true
    const { kernel } = life
    const secret = { ...simulatedOperator, secret: simulatedEmergencySecret }
    if (step.do !== 'flatten') {
      world.cover(step.do)
      callOperator(world, life, { name: step.do }, () => kernel[step.do](secret))
      return true
    }
    const scoped = step.agent === undefined ? {} : { scope: { agent: `agent-${step.agent}` } }
    world.cover(kernel.portfolio().positions.length > 0 ? 'flatten what is held' : 'flatten')
    callOperator(world, life, { name: 'flatten', ...scoped }, () => kernel.flatten({ ...secret, ...scoped }))
    return true
  },
  covers: { freeze: 'kernel API', unfreeze: 'kernel API', 'flatten what is held': 'kernel API' },
}
