import type { HaltScope } from '@tradeswarm/trading'
import { callOperator, simulatedOperator } from '../operator-desk.js'
import { lastActMs, type Step } from '../scenario.js'
import { simulatedSecret, simulatedStrategy } from '../simulated-names.js'
import type { ActFamily } from './act-family.js'

/** An operator, or the Risk Manager, holds a part of the account back, or lets it go on. */
export type ScopedHaltStep =
  | { readonly do: 'halt scope'; readonly scope: HaltScope; readonly state: 'reducing' | 'halted' }
  | { readonly do: 'reduce scope' | 'resume scope' | 'kill scope' | 'reset scope'; readonly scope: HaltScope }

/** Halts of an agent, a strategy, the venue: raised, resumed, killed, reset, one within the other, and in the midst of bursts. */
export const scopedHalts: ActFamily = {
  name: 'scoped halts',
  share: 12,
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(2, 4); count > 0; count -= 1) {
      const at = dice.int(5_500, lastActMs(scenario))
      const scope = dice.pick<HaltScope>([
        { agent: `agent-${dice.int(1, 3)}` },
        { agent: `agent-${dice.int(1, 3)}` },
        { strategy: simulatedStrategy(dice.int(1, 2)) },
        { venue: 'simulated' },
      ])
      const kills = dice.chance(0.3)
      if (kills) steps.push({ at, do: 'kill scope', scope })
      else if (dice.chance(0.75))
        steps.push({ at, do: 'halt scope', scope, state: dice.pick(['halted', 'halted', 'reducing']) })
      else steps.push({ at, do: 'reduce scope', scope })
      const undo = dice.chance(0.9) === kills ? 'reset scope' : 'resume scope'
      if (dice.chance(0.8)) steps.push({ at: at + dice.int(10, 12_000), do: undo, scope })
    }
    return steps
  },
  carryOut({ world, current }, step) {
    const life = current()
    const isMine = step.do.endsWith(' scope')
    if (!isMine || life?.running !== true) return isMine
    const { kernel } = life
    switch (step.do) {
      case 'halt scope': {
        const { scope, state } = step
        world.cover(`halt of ${kindOf(scope)}`)
        const act = (): Promise<void> => kernel.halt(state, 'simulated', { scope })
        callOperator(world, life, { name: 'halt', state, scope }, act)
        return true
      }
      case 'reduce scope':
        callOperator(world, life, { name: 'reduce', scope: step.scope }, () => kernel.reduce('simulated', step.scope))
        return true
      case 'resume scope': {
        const { scope } = step
        world.cover(`resume of ${kindOf(scope)}`)
        callOperator(world, life, { name: 'resume', scope }, () => kernel.resume({ ...simulatedOperator, scope }))
        return true
      }
      case 'kill scope': {
        const { scope } = step
        world.cover(`kill of ${kindOf(scope)}`)
        callOperator(world, life, { name: 'kill', scope }, () => kernel.kill('simulated', { scope }))
        return true
      }
      case 'reset scope': {
        const { scope } = step
        const authorisation = { operator: simulatedOperator.operator, secret: simulatedSecret, scope }
        world.cover(`reset of ${kindOf(scope)}`)
        callOperator(world, life, { name: 'reset kill switch', scope }, () => kernel.resetKillSwitch(authorisation))
        return true
      }
      default:
        return false
    }
  },
  covers: Object.fromEntries(
    ['agent', 'strategy', 'venue'].flatMap((kind) =>
      ['halt', 'resume', 'kill', 'reset'].map((act) => [`${act} of ${kind}`, 'kernel API'] as const),
    ),
  ),
}

function kindOf(scope: HaltScope): string {
  return Object.keys(scope)[0] ?? 'account'
}
