import { createPaperBroker } from '@tradeswarm/broker-paper'
import { type BrokerHarness, type BrokerSetup, benchInstruments, openBrokerBench } from '@tradeswarm/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import * as alpaca from '../../packages/broker-alpaca/src/fake-account.test-support.js'
import * as okx from '../../packages/broker-okx/src/fake-account.test-support.js'
import { type Form, record, replay, stepsOf, type Traits } from './order-program.test-support.js'

const stopAll = async (): Promise<void> => {
  await alpaca.stopAll()
  await okx.stopAll()
}

afterEach(stopAll)

const venueOf = (define: BrokerHarness['define'], instruments: BrokerHarness['instruments'] = {}): BrokerHarness => ({
  capabilities: [],
  instruments,
  define,
})
/** `places`: how many decimals a fee has that is taken in coins; as many as units have where it is left out. */
const paperWith = (places?: number, instruments?: BrokerHarness['instruments']): BrokerHarness =>
  venueOf(
    (setup) =>
      createPaperBroker({
        account: setup.account,
        instruments: setup.instruments,
        cash: setup.cash,
        fees: {
          basisPoints: setup.feeBasisPoints,
          chargedIn: setup.feesInKind === true ? 'bought' : 'currency',
          ...(places === undefined ? {} : { places }),
        },
        slippage: { basisPoints: setup.slippageBasisPoints },
      }),
    instruments,
  )
const venues = {
  Alpaca: venueOf(alpaca.defineOnFake, alpaca.shareRoles),
  'Alpaca, crypto': venueOf(alpaca.defineOnFake, alpaca.cryptoRoles),
  OKX: venueOf(okx.defineOnFake, okx.spotRoles),
  'OKX, swaps': venueOf(okx.defineOnFake, okx.swapRoles),
  'OKX, swaps on isolated margin': venueOf(
    (setup) => okx.defineOnFake(setup, { marginMode: 'isolated' }),
    okx.swapRoles,
  ),
}
// What is to be had in parts: an order for an amount buys some.
const inPartsOf = (lotSize: string): Partial<BrokerSetup> => ({
  cash: { USD: '100000' },
  instruments: benchInstruments.map((one) => ({ ...one, lotSize })),
})

type Charged = Pick<BrokerSetup, 'feeBasisPoints' | 'feesInKind'>
const rates = fc.constantFrom('0', '1', '7.5', '10', '26')
/** Taken out of what is received, or out of cash. */
const inKind: fc.Arbitrary<Charged> = rates.map((feeBasisPoints) => ({ feeBasisPoints, feesInKind: true }))
const inCash: fc.Arbitrary<Charged> = rates.map((feeBasisPoints) => ({ feeBasisPoints }))

type Comparison = {
  readonly traits: Traits
  /** What fills cost, alike at all. */
  readonly fees: fc.Arbitrary<Charged>
  readonly at: readonly (keyof typeof venues)[]
  readonly runs: number
  /** The parts that are to be had; as small as a share's where it is left out. */
  readonly lotSize?: string
  readonly places?: number
  /** What paper lists in place of shares. */
  readonly lists?: BrokerHarness['instruments']
}

/** Plays random programmes on paper and on the venues named, at the same fees; whatever differs is shrunk. */
async function agree({ traits, fees, at, runs, lotSize = '0.000000001', places, lists }: Comparison): Promise<void> {
  await fc.assert(
    fc.asyncProperty(stepsOf(traits.onMargin === true), fees, async (program, charged) => {
      const account = { ...inPartsOf(lotSize), ...charged }
      const [acts, expected] = await record(await openBrokerBench(paperWith(places, lists), account), program, traits)
      for (const name of at)
        expect(await replay(await openBrokerBench(venues[name], account), acts, traits), name).toEqual(expected)
      await stopAll()
    }),
    { numRuns: runs },
  )
}

const atAnyTime: Traits = {
  amends: true,
  neverCloses: true,
  restingTargets: false,
  capsBuyStops: false,
  tellsFees: true,
}

/** What Alpaca takes for shares only. */
const noneOfCoins: readonly Form[] = ['limit-fok', 'stop', 'trailing-stop']

describe('one programme of orders in two symbols comes to the same states and books', () => {
  it(
    'on paper, at Alpaca and at OKX, with what all three have, amendments included, free of charge',
    () => agree({ traits: atAnyTime, fees: fc.constant({ feeBasisPoints: '0' }), at: ['Alpaca', 'OKX'], runs: 30 }),
    120_000,
  )

  it('on paper, at Alpaca and at OKX, where coins are traded and fees are taken out of what is received', () => {
    // Venues round what they take of coins up, each to its own decimals: no fee of such parts has more than the fewest.
    const traits: Traits = { ...atAnyTime, lacks: [...noneOfCoins, 'amount'] }
    return agree({ traits, fees: inKind, at: ['Alpaca, crypto', 'OKX'], runs: 25, lotSize: '0.0001' })
  }, 120_000)

  it('on paper and at Alpaca, where coins are traded in the smallest parts, and for amounts', () => {
    const traits: Traits = { ...atAnyTime, lacks: noneOfCoins }
    return agree({ traits, fees: inKind, at: ['Alpaca, crypto'], runs: 25, places: 9 })
  }, 120_000)

  it(
    'on paper and at OKX, with all its orders, where fees are taken out of what is received or out of cash',
    () => agree({ traits: atAnyTime, fees: fc.oneof(inKind, inCash), at: ['OKX'], runs: 30 }),
    120_000,
  )

  it('on paper and at OKX, where swaps are held long and short on either margin, and are funded', () => {
    const traits: Traits = { ...atAnyTime, lacks: ['amount'], onMargin: true }
    const swaps = ['OKX, swaps', 'OKX, swaps on isolated margin'] as const
    return agree({ traits, fees: inCash, at: swaps, runs: 30, lotSize: '0.01', lists: okx.swapRoles })
  }, 120_000)

  it('on paper and at Alpaca, over sessions, with quotes of all sizes, amendments and pairs, where fees are taken out of cash', () => {
    const traits = { amends: true, neverCloses: false, restingTargets: true, capsBuyStops: true, tellsFees: false }
    return agree({ traits, fees: inCash, at: ['Alpaca'], runs: 40 })
  }, 120_000)
})
