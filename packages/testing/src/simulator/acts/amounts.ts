import type { OrderIntent } from '@tradeswarm/trading'
import { type EnterStep, enterStep } from '../enter-step.js'
import { lastActMs, pickInstrument, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

/** An entry for an amount of the currency, as large as the units would be worth that it names. */
export type AmountStep = { readonly do: 'enter for an amount'; readonly entry: EnterStep }

/** Entries that are sized in the currency, whole and in part, at a venue that takes them or one that does not. */
export const amounts: ActFamily = {
  name: 'amounts',
  share: 10,
  needsOwnVenue: true,
  shape: (scenario, dice) =>
    dice.chance(0.9)
      ? { ...scenario, amends: true, venue: { ...scenario.venue, declares: true, sizesInQuote: true } }
      : { ...scenario, amends: true, venue: { ...scenario.venue, declares: true } },
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(4, 9); count > 0; count -= 1) {
      const at = dice.int(5_500, lastActMs(scenario))
      const type = dice.pick(['market', 'limit'])
      const offsetBasisPoints = dice.int(-120, 40)
      const size = dice.pick([0.001, 0.1, 0.2, 0.5, 1, 1.02])
      steps.push({
        at,
        do: 'enter for an amount',
        entry: { ...enterStep(dice, at), side: 'buy', type, offsetBasisPoints, size },
      })
      // Nearly always something is left that buys no lot, and the venue ends the order: an amendment, or a cancel, may cross that.
      if (dice.chance(0.2))
        steps.push({
          at: at + dice.int(50, 5_000),
          do: 'amend',
          pick: 0,
          size: 1,
          offsetBasisPoints: dice.int(-90, 90),
        })
      if (dice.chance(0.2)) steps.push({ at: at + dice.int(20, 4_000), do: 'cancel', pick: 0 })
    }
    return steps
  },
  carryOut({ agents, world }, step) {
    if (step.do !== 'enter for an amount') return false
    const { multiplier = '1' } = pickInstrument(world.scenario, step.entry.symbol)
    const asked = agents.enter(step.entry, ({ price, intent }) => amountFor(price * Number(multiplier), intent))
    if (asked !== undefined) world.cover('entry for an amount')
    return true
  },
  covers: {
    'entry for an amount': 'agents',
    'executed: amount': 'venue',
  },
}

/** To the cent, and so hardly ever even. */
function amountFor(price: number, { quantity }: Pick<OrderIntent, 'quantity'>): Partial<OrderIntent> {
  return { sizedIn: 'quote', quantity: (Number(quantity) * price * 0.997 + 0.01).toFixed(2) }
}
