import { createAlpacaBroker } from '@tradeswarm/broker-alpaca'
import { createOkxBroker } from '@tradeswarm/broker-okx'
import { examineSeed, simulate, simulateSeed, sweepCrashes, type VenueUnderTest } from '@tradeswarm/testing'
import {
  type SimulatedAlpacaAccount,
  type SimulatedOkxAccount,
  simulatedAlpaca,
  simulatedOkx,
} from '@tradeswarm/testing/fakes'
import { describe, expect, it } from 'vitest'
import {
  type PlantedAdapterBug,
  plant,
  plantedAdapterBugs,
  plantedCoinBugs,
  plantedSwapBugs,
  unreadMovements,
} from './planted-adapter-bugs.test-support.js'

const venues: readonly {
  readonly name: 'alpaca' | 'okx'
  readonly venue: () => VenueUnderTest
  readonly planted: (bug: PlantedAdapterBug) => VenueUnderTest
}[] = [
  {
    name: 'alpaca',
    venue: () => simulatedAlpaca(createAlpacaBroker),
    planted: (bug) => simulatedAlpaca(plant<SimulatedAlpacaAccount>(createAlpacaBroker, bug)),
  },
  {
    name: 'okx',
    venue: () => simulatedOkx(createOkxBroker),
    planted: (bug) => simulatedOkx(plant<SimulatedOkxAccount>(createOkxBroker, bug)),
  },
]

/** Played one after the other, these take as long as the machine is slow. */
const patienceMs = 600_000

describe.each(venues)('the kernel over the adapter of $name, over its fake', ({ name, venue, planted }) => {
  it(
    'keeps every invariant in the worlds of some seeds',
    async () => {
      const { seeds, failures } = await simulate({ seeds: 12, venue: venue() })
      expect({ seeds, failures }).toEqual({ seeds: 12, failures: [] })
    },
    patienceMs,
  )

  it(
    'I07 keeps them whichever point of a world its process dies at',
    async () => {
      const { points, crashes, failures } = await sweepCrashes({ seed: 3, every: 31, venue: venue() })
      expect(points).toBeGreaterThan(100)
      expect(crashes).toBe(Math.ceil(points / 31))
      expect(failures).toEqual([])
    },
    patienceMs,
  )

  it(
    'goes one way for each seed',
    async () => {
      const bug = plantedAdapterBugs[0] as PlantedAdapterBug
      const from = bug.from[name]
      const [first, second] = [
        await examineSeed(from, { venue: planted(bug) }),
        await examineSeed(from, { venue: planted(bug) }),
      ]
      expect(first?.trace.length).toBeGreaterThan(5)
      expect(second).toEqual(first)
    },
    patienceMs,
  )

  it.each(plantedAdapterBugs)(
    'finds $name within 2,000 seeds',
    async (bug) => {
      const subject = { venue: planted(bug) }
      let found: string | undefined
      // Where looking begins, so that it does not take long.
      for (let seed = bug.from[name]; seed <= 2_000 && found === undefined; seed += 1)
        found = (await simulateSeed(seed, subject)).violation?.invariant
      expect(bug.foundBy).toContain(found)
    },
    patienceMs,
  )
})

it.each([unreadMovements, ...plantedCoinBugs])(
  'finds $name, at Alpaca within 300 seeds',
  async (bug) => {
    const subject = { venue: simulatedAlpaca(plant<SimulatedAlpacaAccount>(createAlpacaBroker, bug)) }
    let found: string | undefined
    for (let seed = bug.from.alpaca; seed <= 300 && found === undefined; seed += 1)
      found = (await simulateSeed(seed, subject)).violation?.invariant
    expect(bug.foundBy).toContain(found)
  },
  patienceMs,
)

/** What is to happen in some of the seeds that trade swaps. */
const ofSwaps = [
  'contract bought',
  'contract sold short',
  'contract left',
  'funding paid',
  'funding booked',
  'crash at movements',
] as const

describe('swaps at OKX', () => {
  it(
    'are traded long and short and funded, in the midst of crashes, and every invariant holds',
    async () => {
      const venue = simulatedOkx(createOkxBroker)
      const seen = new Map<string, number>()
      for (let seed = 44; seed < 50; seed += 1) {
        const { violation, covered } = await simulateSeed(seed, { venue })
        expect({ seed, violation }).toEqual({ seed, violation: undefined })
        for (const what of ofSwaps) if (covered.includes(what)) seen.set(what, (seen.get(what) ?? 0) + 1)
      }
      for (const what of ofSwaps) expect({ what, seeds: seen.get(what) ?? 0 }).not.toEqual({ what, seeds: 0 })
    },
    patienceMs,
  )

  it(
    'I07 I18 keep every invariant whichever point of a world with funding its process dies at',
    async () => {
      const { crashes, failures } = await sweepCrashes({ seed: 44, every: 151, venue: simulatedOkx(createOkxBroker) })
      expect(crashes).toBeGreaterThan(3)
      expect(failures).toEqual([])
    },
    patienceMs,
  )

  it.each(plantedSwapBugs)(
    'show $name within 100 seeds',
    async (bug) => {
      const venue = simulatedOkx(plant<SimulatedOkxAccount>(createOkxBroker, bug))
      let found: string | undefined
      for (let seed = bug.from.okx; seed <= 100 && found === undefined; seed += 1)
        found = (await simulateSeed(seed, { venue })).violation?.invariant
      expect(bug.foundBy).toContain(found)
    },
    patienceMs,
  )
})

it.each([
  ['coins', () => simulatedAlpaca(createAlpacaBroker, { trades: 'coins' })],
  [
    'fractions of shares',
    () =>
      simulatedAlpaca((account) => createAlpacaBroker({ ...account, fractionalShares: true }), { trades: 'shares' }),
  ],
])(
  'every invariant holds over Alpaca with %s too',
  async (_, venue) => {
    const { failures } = await simulate({ seeds: 4, from: 27, venue: venue() })
    expect(failures).toEqual([])
  },
  patienceMs,
)
