import type { Instrument } from '@tradeswarm/trading'
import type { StepDesk } from '../carry-out-step.js'
import type { Dice } from '../dice.js'
import { type EnterStep, enterStep } from '../enter-step.js'
import { lastActMs, pickInstrument, type Scenario, type Step, tradedInstruments } from '../scenario.js'
import type { ActFamily } from './act-family.js'
import { isCalm } from './corporate-actions.js'

/** Longs of a contract pay shorts, or are paid by them; so long after the market has told so, where the venue takes its time. */
export type ContractStep = {
  readonly do: 'funding'
  readonly symbol: number
  readonly rate: string
  readonly paidAfterMs?: number
}

/** For so long nothing breaks after funding of which the venue itself says nothing. */
const calmMs = 8_000

/** Contracts: units that stand for more or less than one, margin instead of payment, sales of what is not held, funding. */
export const contracts: ActFamily = {
  name: 'contracts',
  share: 14,
  shareAt: ({ contracts: listed }) => listed?.share ?? 0,
  shape(scenario, dice) {
    const leverage = dice.pick([1, 2, 5])
    const tellsMovements = dice.pick([undefined, 'asked', 'asked', 'told', 'told'])
    const keepsNeedless = dice.chance(0.4)
    const traded = tradedInstruments(scenario).length
    const first = dice.int(0, traded - 1)
    return {
      ...scenario,
      policy: { ...scenario.policy, ...(leverage === 1 ? {} : { contractLeverage: leverage }) },
      venue: {
        ...scenario.venue,
        leverage,
        ...(tellsMovements === undefined ? {} : { tellsMovements }),
        ...(keepsNeedless ? { keepsNeedless } : {}),
      },
      instruments: scenario.instruments.map((instrument, index) =>
        index < traded && (index === first || dice.chance(0.5)) ? contractOf(instrument, dice) : instrument,
      ),
    }
  },
  steps(scenario, dice) {
    const steps: Step[] = []
    for (let count = dice.int(4, 9); count > 0; count -= 1) {
      const at = dice.int(5_500, lastActMs(scenario))
      const entry = enterStep(dice, at)
      const isSale = dice.chance(0.5)
      const offset = entry.type === 'stop' ? -Math.abs(entry.offsetBasisPoints) : -entry.offsetBasisPoints
      steps.push(isSale ? { ...entry, side: 'sell', offsetBasisPoints: offset } : { ...entry, side: 'buy' })
      const leaves = { do: 'leave', agent: entry.agent, symbol: entry.symbol, part: dice.pick([0.4, 1]) } as const
      if (dice.chance(0.4)) steps.push({ at: at + dice.int(500, 9_000), ...leaves })
      if (dice.chance(0.3)) steps.push({ at: at + dice.int(1_000, 12_000), do: 'bust', pick: dice.int(0, 2) })
    }
    for (let count = dice.int(2, 3 * scenario.sessions); count > 0; count -= 1)
      steps.push({
        at: dice.int(6_000, lastActMs(scenario)),
        do: 'funding',
        symbol: dice.int(0, 2),
        rate: dice.pick(['0.0001', '0.003', '-0.00075']),
      })
    return steps
  },
  stepsAt: troubledFunding,
  carryOut(desk, step) {
    if (step.do !== 'funding') return false
    payFunding(desk, step)
    return true
  },
  covers: {
    'contract sold short': 'agents; seen at the venue',
    'contract bought': 'agents; seen at the venue',
    'contract left': 'agents and kernel; seen at the venue',
    'contract busted': 'venue',
    'funding paid': 'venue, told when asked, or as it happens too, or not at all',
    'funding booked': 'seen in the journal',
  },
}

/** Funding while something is wrong: the process dies as it asks for it, nobody answers, the stream breaks, nobody hears of it, or it is not paid yet. */
function troubledFunding(scenario: Scenario, dice: Dice): readonly Step[] {
  const steps: Step[] = []
  for (let count = dice.int(2, 5); count > 0; count -= 1) {
    const at = dice.int(8_000, lastActMs(scenario))
    const symbol = dice.int(0, 2)
    const forMs = dice.int(200, 9_000)
    const entry: EnterStep = {
      ...enterStep(dice, at - dice.pick([20, 300, 2_000])),
      symbol,
      side: dice.pick(['buy', 'sell']),
      type: 'market',
      size: dice.pick([0.2, 0.5]),
      submit: 'at once',
    }
    const trouble = dice.pick(['crash', 'crash', 'crash', 'lookup', 'stream', 'everything', 'prices', 'slow', 'slow'])
    if (dice.chance(0.7)) steps.push(entry)
    if (trouble === 'crash')
      steps.push({ at, do: 'crash', afterPoints: dice.int(1, 4), downMs: dice.int(1, 6_000), torn: 0 })
    else if (trouble === 'lookup')
      steps.push({ at, do: 'fault', on: 'lookup', fault: dice.pick(['reply-lost', 'late']), times: 2, lateMs: forMs })
    else if (trouble !== 'slow') steps.push({ at: at - dice.int(0, 100), do: 'outage', of: trouble, forMs })
    const rate = dice.pick(['0.0001', '0.003', '-0.00075'])
    steps.push({ at, do: 'funding', symbol, rate, ...(trouble === 'slow' ? { paidAfterMs: forMs } : {}) })
  }
  return steps
}

function contractOf(instrument: Instrument, dice: Dice): Instrument {
  const { shortable: _, ...rest } = instrument
  const multiplier = dice.pick([undefined, '0.01', '0.01', '10', '10'])
  return { ...rest, kind: 'perpetual', ...(multiplier === undefined ? {} : { multiplier }) }
}

/** Where the venue tells nothing of it, the kernel has to hear of it at once and know what is held, or it is lost for good. */
function payFunding(desk: StepDesk, step: ContractStep): void {
  const { world } = desk
  const { venue, time, scenario } = world
  const { symbol } = pickInstrument(scenario, step.symbol)
  if (!venue.books.isContract(symbol)) return
  const isTold = scenario.venue.tellsMovements !== undefined
  if (!isTold && !isCalm(desk, symbol)) return
  if (!isTold) {
    desk.calmUntil = time.now() + calmMs
    desk.disarm()
  }
  const price = venue.price(symbol)
  const pay = (): void => {
    if (venue.payFunding(symbol, step.rate)) world.cover('funding paid')
  }
  if (step.paidAfterMs === undefined) pay()
  else time.at(time.now() + step.paidAfterMs, pay)
  const event = { type: 'funding', symbol, time: time.now(), rate: step.rate, price } as const
  if (!isTold) desk.announce(event)
  else if (!desk.pricesDown) desk.deliver(event)
}
