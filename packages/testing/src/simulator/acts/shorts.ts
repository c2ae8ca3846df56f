import { type EnterStep, enterStep } from '../enter-step.js'
import { lastActMs, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

/** Sales of what is not held, their exits, and what the units cost that are lent. */
export const shorts: ActFamily = {
  name: 'shorts',
  share: 12,
  needsOwnVenue: true,
  shape: (scenario, dice) => ({
    ...scenario,
    policy: { ...scenario.policy, allowShorts: true },
    venue: { ...scenario.venue, lendsAt: dice.pick([0, 1, 12]), feeInAsset: false },
    instruments: scenario.instruments.map((instrument) => ({ ...instrument, shortable: true })),
  }),
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(3, 7); count > 0; count -= 1) {
      const at = dice.int(5_500, lastActMs(scenario))
      const entry = enterStep(dice, at)
      const sale: EnterStep = {
        ...entry,
        side: 'sell',
        offsetBasisPoints: entry.type === 'stop' ? -Math.abs(entry.offsetBasisPoints) : -entry.offsetBasisPoints,
      }
      steps.push(sale)
      if (dice.chance(0.3))
        steps.push({ at: at + dice.int(500, 9_000), do: 'leave', agent: sale.agent, symbol: sale.symbol, part: 1 })
    }
    for (let session = 0; session < scenario.sessions; session += 1)
      steps.push({ at: session * 60_000 + 46_000, do: 'read statements' })
    return steps
  },
  carryOut: () => false,
  covers: {
    'sold short': 'agents; seen at the venue',
    'short bought back': 'agents and kernel; seen at the venue',
    'booked borrow': 'venue, at each close',
  },
}
