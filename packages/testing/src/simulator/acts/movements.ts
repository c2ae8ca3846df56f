import { rateSymbol } from '../checkers/naive-prices.js'
import { exact } from '../exact.js'
import { lastActMs, type Scenario, type Step } from '../scenario.js'
import { simulatedCurrency } from '../simulated-names.js'
import type { ActFamily } from './act-family.js'

const kinds = ['deposit', 'withdrawal', 'fee', 'interest', 'funding', 'transfer'] as const
const outgoing: ReadonlySet<string> = new Set(['withdrawal', 'fee'])

/** Money comes or goes at the venue without an order, and an operator books it, at once or later. */
export type MovementStep = {
  readonly do: 'move money'
  readonly kind: (typeof kinds)[number]
  readonly amount: string
  readonly currency?: string
  readonly bookedAfterMs: number
}

/** Movements of cash, in the account's currency and another one, in which dividends and fees come as well. */
export const movements: ActFamily = {
  name: 'movements',
  share: 9,
  needsOwnVenue: true,
  shape: (scenario, dice) => ({
    ...scenario,
    ...(dice.chance(0.4) ? { venue: { ...scenario.venue, feeCurrency: 'EUR', feeInAsset: false } } : {}),
    ...withCurrency(scenario, dice.chance(0.4)),
  }),
  steps(scenario, dice) {
    const steps: Step[] = [
      { at: 5_100, do: 'move money', kind: 'deposit', amount: '500', currency: 'EUR', bookedAfterMs: 0 },
    ]
    for (let count = dice.int(2, 5); count > 0; count -= 1) {
      const at = dice.int(6_000, lastActMs(scenario))
      const kind = dice.pick(kinds)
      steps.push({
        at,
        do: 'move money',
        kind,
        amount: dice.pick(['120', '0.01', '33.333333', '17.5']),
        ...(dice.chance(0.4) && kind !== 'funding' ? { currency: 'EUR' } : {}),
        bookedAfterMs: dice.pick([0, 0, 100, 7_000]),
      })
      if (dice.chance(0.3)) steps.push({ at: at + dice.int(0, 300), do: 'read statements' })
    }
    for (let session = 1; session < scenario.sessions; session += 1)
      if (dice.chance(0.5))
        steps.push({ at: session * 60_000 - 10_500, do: 'dividend', symbol: 0, amountPerUnit: '0.25', currency: 'EUR' })
    return steps
  },
  carryOut(desk, step) {
    if (step.do !== 'move money') return false
    const { world, statements } = desk
    const { kind, amount, currency } = step
    const eventId = `movement-${world.time.now()}`
    world.cover(`${kind}${currency === undefined ? '' : ' in another currency'}`)
    const sign = outgoing.has(kind) ? -1n : 1n
    world.venue.books.addCash(currency ?? simulatedCurrency, sign * exact(amount))
    const named = currency === undefined ? {} : { currency }
    const symbol = world.scenario.instruments[0]?.symbol ?? ''
    statements.note(
      kind === 'funding'
        ? { type: kind, eventId, symbol, amount, ...named }
        : { type: kind, eventId, amount, ...named },
    )
    world.time.at(world.time.now() + step.bookedAfterMs, () => {
      const life = desk.current()
      if (life?.running === true) statements.read(life)
    })
    return true
  },
  covers: {
    ...Object.fromEntries(kinds.map((kind) => [kind, 'venue, booked by an operator'])),
    'deposit in another currency': 'venue, booked by an operator',
    'fee taken in another currency': 'venue',
    'executed in another currency': 'agents, an instrument that is paid for in another currency',
  },
}

/** What the other currency is worth, and with `traded` an instrument that is paid for in it. */
function withCurrency(
  { instruments, startPrices, externals = 0 }: Scenario,
  traded: boolean,
): Pick<Scenario, 'instruments' | 'startPrices' | 'externals'> {
  const [model] = instruments
  if (model === undefined) return { instruments, startPrices }
  const others = traded ? [{ ...model, symbol: 'EUX', asset: 'EUX', currency: 'EUR' }] : []
  return {
    instruments: [...instruments, ...others, { ...model, symbol: rateSymbol('EUR'), asset: 'EUR' }],
    startPrices: [...startPrices, ...others.map(() => 5_000), 110],
    externals: externals + 1,
  }
}
