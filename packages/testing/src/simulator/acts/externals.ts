import { exact } from '../exact.js'
import { callOperator, simulatedOperator } from '../operator-desk.js'
import { lastActMs, pickInstrument, type Step } from '../scenario.js'
import type { ActFamily } from './act-family.js'

/** Somebody else acts on the account, and an operator takes what is there into the books. */
export type ExternalStep =
  | { readonly do: 'external order'; readonly symbol: number; readonly quantity: number }
  | { readonly do: 'external order cancelled' }
  | { readonly do: 'external position'; readonly quantity: number }
  | { readonly do: 'adopt'; readonly planned: boolean }

const externalSymbol = 'EXT'

/** Orders and positions that are not ours: shown, counted, adopted, and protected from then on. */
export const externals: ActFamily = {
  name: 'externals',
  share: 8,
  needsOwnVenue: true,
  shape: (scenario) => ({
    ...scenario,
    instruments: [
      ...scenario.instruments,
      {
        ...(scenario.instruments[0] as (typeof scenario.instruments)[0]),
        symbol: externalSymbol,
        asset: externalSymbol,
      },
    ],
    startPrices: [...scenario.startPrices.slice(0, scenario.instruments.length), 3_000],
    externals: (scenario.externals ?? 0) + 1,
  }),
  steps(scenario, dice) {
    const steps: Step[] = []
    const at = dice.int(7_000, lastActMs(scenario) - 15_000)
    steps.push({ at, do: 'external position', quantity: dice.int(5, 60) })
    if (dice.chance(0.8)) steps.push({ at: at + dice.int(50, 9_000), do: 'adopt', planned: dice.chance(0.7) })
    if (dice.chance(0.3)) steps.push({ at: at + 9_100, do: 'adopt', planned: true })
    for (let count = dice.int(1, 3); count > 0; count -= 1) {
      const from = dice.int(5_500, lastActMs(scenario))
      steps.push({ at: from, do: 'external order', symbol: dice.int(0, 2), quantity: dice.int(1, 30) })
      if (dice.chance(0.5)) steps.push({ at: from + dice.int(500, 20_000), do: 'external order cancelled' })
    }
    return steps
  },
  carryOut({ world, current, agents }, step) {
    const { venue, scenario } = world
    switch (step.do) {
      case 'external position':
        if (venue.position(externalSymbol) !== 0n) return true
        world.cover('external position')
        venue.books.addUnits(externalSymbol, exact(String(step.quantity)))
        return true
      case 'external order': {
        const { symbol } = pickInstrument(scenario, step.symbol)
        world.cover('external order')
        venue.placeExternal({
          account: 'simulated',
          clientOrderId: `external-${venue.orders.length + 1}`,
          symbol,
          side: 'buy',
          type: 'limit',
          limitPrice: '1',
          quantity: String(5 * step.quantity),
          timeInForce: 'gtc',
          reduceOnly: false,
        })
        return true
      }
      case 'external order cancelled':
        venue.cancelExternal()
        return true
      case 'adopt': {
        const life = current()
        if (life?.running !== true) return true
        const price = Number(life.prices.get(externalSymbol) ?? venue.price(externalSymbol))
        const exits = {
          stopPrice: (price * 0.97).toFixed(2),
          targetPrice: (price * 1.05).toFixed(2),
          maximumSessions: 2,
        }
        const adoption = { symbol: externalSymbol, price: price.toFixed(2), ...(step.planned ? { exits } : {}) }
        agents.seen(life, 'adoption')
        callOperator(world, life, { name: 'adopt' }, () => life.kernel.adopt(adoption, simulatedOperator))
        return true
      }
      default:
        return false
    }
  },
  covers: {
    'external order': 'venue',
    'external position': 'venue',
    'external position alerted': 'seen in what the kernel tells',
    adopted: 'kernel API; seen in the journal',
    'adopted position left': 'seen at the venue',
  },
}
