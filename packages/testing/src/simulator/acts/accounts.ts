import { SwarmError } from '@tradeswarm/core'
import { type EnterStep, enterStep } from '../enter-step.js'
import { lastActMs, type Scenario, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

/** An agent takes an order to the kernel of another account than the one that it is for. */
export type AccountStep = {
  readonly do: 'misroute'
  /** `account`: an intent for the other account; `symbol`: one for this account, in what only the other trades. */
  readonly by: 'account' | 'symbol'
  readonly entry: EnterStep
}

/** Where the instruments of the second account are traded: nowhere else. */
const routes = ['MMM', 'NNN', 'OOO'] as const

/** A second account at a venue of its own, with routes by symbol: its own faults, crashes and halts, in the same time. */
export const accounts: ActFamily = {
  name: 'accounts',
  share: 4,
  shape: (scenario) => ({ ...scenario, second: secondOf(scenario) }),
  steps(scenario, dice) {
    const steps: Step[] = []
    const account = 'second'
    for (let count = dice.int(6, 14); count > 0; count -= 1) {
      const at = dice.int(5_500, lastActMs(scenario))
      const roll = dice.int(1, 12)
      const symbol = dice.int(0, 2)
      if (roll <= 6) steps.push({ ...enterStep(dice, at), account })
      else if (roll <= 8) steps.push({ at, account, do: 'price', symbol, moveBasisPoints: dice.int(-200, 200) })
      else if (roll === 9)
        steps.push({ at, account, do: 'crash', afterPoints: dice.int(1, 25), downMs: dice.int(1, 6_000), torn: 0 })
      else if (roll === 10)
        steps.push({ at, account, do: 'fault', on: 'place', fault: 'reply-lost', times: 1, lateMs: 100 })
      else if (roll === 11)
        steps.push({ at, account, do: 'halt', state: 'halted' }, { at: at + 4_000, account, do: 'resume' })
      else steps.push({ at, account, do: 'leave', agent: 1, symbol, part: 1 })
      if (dice.chance(0.3))
        steps.push({ at, do: 'misroute', by: dice.pick(['account', 'symbol']), entry: enterStep(dice, at) })
    }
    return steps
  },
  carryOut({ agents, world, current }, step) {
    if (step.do !== 'misroute') return false
    const life = current()
    if (life?.running !== true) return true
    world.cover(`misrouted by ${step.by}`)
    const symbol = routes[step.entry.symbol % routes.length] ?? routes[0]
    const intent = agents.intentFor(step.entry, step.by === 'account' ? { account: 'second' } : { symbol })
    if (intent === undefined) return true
    const refuse = (thrown: unknown): void => {
      if (!SwarmError.isInstance(thrown, 'WRONG_ACCOUNT')) return
      world.cover('denied: WRONG_ACCOUNT')
    }
    life.kernel.assess(intent).then((assessed) => {
      if (assessed.status === 'permitted') world.misrouted.push(intent.intentId)
    }, refuse)
    return true
  },
  covers: {
    'misrouted by account': 'agents',
    'misrouted by symbol': 'agents',
    'denied: WRONG_ACCOUNT': 'kernel of the first account',
    'executed for the second account': 'venue of the second account',
  },
}

function secondOf(scenario: Scenario): Scenario {
  return {
    ...scenario,
    account: 'second',
    features: [],
    steps: [],
    instruments: scenario.instruments.map((instrument, index) => {
      const symbol = routes[index % routes.length] ?? routes[0]
      return { ...instrument, symbol, asset: symbol }
    }),
  }
}
