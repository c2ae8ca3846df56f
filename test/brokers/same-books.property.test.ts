import { createPaperBroker } from '@tradeswarm/broker-paper'
import { type BrokerHarness, benchInstruments, openBrokerBench } from '@tradeswarm/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import * as alpaca from '../../packages/broker-alpaca/src/fake-account.test-support.js'
import * as okx from '../../packages/broker-okx/src/fake-account.test-support.js'
import { record, replay, steps, type Traits } from './order-program.test-support.js'

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
const paper = venueOf((setup) =>
  createPaperBroker({
    account: setup.account,
    instruments: setup.instruments,
    cash: setup.cash,
    fees: { basisPoints: setup.feeBasisPoints },
    slippage: { basisPoints: setup.slippageBasisPoints },
  }),
)
const venues = {
  Alpaca: venueOf(alpaca.defineOnFake, alpaca.shareRoles),
  OKX: venueOf(okx.defineOnFake, okx.spotRoles),
}
// Shares that are to be had in parts: an order for an amount buys some.
const setup = {
  cash: { USD: '100000' },
  instruments: benchInstruments.map((one) => ({ ...one, lotSize: '0.000000001' })),
}

/** Plays random programmes on paper and on the venues named; whatever differs is shrunk. */
async function agree(traits: Traits, names: readonly (keyof typeof venues)[]): Promise<void> {
  await fc.assert(
    fc.asyncProperty(steps, async (program) => {
      const [acts, expected] = await record(await openBrokerBench(paper, setup), program, traits)
      for (const name of names)
        expect(await replay(await openBrokerBench(venues[name], setup), acts), name).toEqual(expected)
      await stopAll()
    }),
    { numRuns: 50 },
  )
}

describe('one programme of orders comes to the same states and books', () => {
  it(
    'on paper, at Alpaca and at OKX, with what all three have, amendments included',
    () => agree({ amends: true, neverCloses: true, restingTargets: false, capsBuyStops: false }, ['Alpaca', 'OKX']),
    120_000,
  )

  it(
    'on paper and at Alpaca, over sessions, with quotes of all sizes, amendments and pairs',
    () => agree({ amends: true, neverCloses: false, restingTargets: true, capsBuyStops: true }, ['Alpaca']),
    120_000,
  )
})
