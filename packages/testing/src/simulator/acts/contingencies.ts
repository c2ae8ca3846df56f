import { type EnterStep, enterStep } from '../enter-step.js'
import { lastActMs, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

/** Entries that are tied to one another. */
export type ContingencyStep = {
  readonly do: 'enter as one-cancels-other' | 'enter as one-triggers-other'
  readonly entries: readonly EnterStep[]
}

/** Brackets are in every seed, as each entry has its exits; here entries cancel or trigger one another. */
export const contingencies: ActFamily = {
  name: 'contingencies',
  share: 14,
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(2, 5); count > 0; count -= 1) {
      const at = dice.int(5_500, lastActMs(scenario))
      const symbol = dice.int(0, 2)
      const agent = dice.int(1, 2)
      const entry = (fields: Partial<EnterStep>): EnterStep => ({
        ...enterStep(dice, at),
        agent,
        symbol,
        side: 'buy',
        size: dice.pick([0.1, 0.2, 0.3]),
        submit: 'at once',
        timeInForce: dice.pick(['day', 'gtc']),
        ...fields,
      })
      if (dice.chance(0.6)) {
        const entries = [
          entry({ type: 'limit', offsetBasisPoints: dice.int(-120, 5) }),
          entry({ type: 'stop', offsetBasisPoints: dice.int(5, 120), symbol: dice.chance(0.7) ? symbol : symbol + 1 }),
        ]
        if (dice.chance(0.3)) entries.push(entry({ type: 'limit', offsetBasisPoints: dice.int(-250, -100) }))
        steps.push({ at, do: 'enter as one-cancels-other', entries })
        if (dice.chance(0.3))
          steps.push({ at: at + dice.int(100, 8_000), do: 'price', symbol, moveBasisPoints: dice.pick([-1, 1]) * 130 })
      } else {
        const first = entry({ type: dice.pick(['market', 'limit']), offsetBasisPoints: dice.int(-60, 20) })
        const second = entry({ type: dice.pick(['market', 'limit', 'stop']), offsetBasisPoints: dice.int(-60, 60) })
        steps.push({ at, do: 'enter as one-triggers-other', entries: [first, { ...second, symbol: symbol + 1 }] })
      }
    }
    return steps
  },
  carryOut({ agents, world }, step) {
    if (step.do !== 'enter as one-cancels-other' && step.do !== 'enter as one-triggers-other') return false
    const group = `group-${world.time.now()}`
    let first: string | undefined
    for (const entry of step.entries) {
      const intentId = first
      if (step.do === 'enter as one-cancels-other')
        agents.enter(entry, () => ({ contingency: { type: 'one-cancels-other', group } }))
      else if (intentId === undefined) first = agents.enter(entry)
      else agents.enter(entry, () => ({ contingency: { type: 'one-triggers-other', intentId } }))
    }
    return true
  },
  covers: {
    'one cancelled the other': 'agents; seen in the journal',
    'one triggered the other': 'agents; seen at the venue',
    'one waited for the other': 'agents; seen in the journal',
  },
}
