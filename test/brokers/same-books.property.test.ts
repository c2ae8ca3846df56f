import { createPaperBroker } from '@tradeswarm/broker-paper'
import { type BrokerHarness, openBrokerBench } from '@tradeswarm/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { defineOnFake, stopAll } from '../../packages/broker-alpaca/src/fake-account.test-support.js'
import { record, replay, steps } from './order-program.test-support.js'

afterEach(stopAll)

const paper: BrokerHarness = {
  capabilities: [],
  define: (setup) =>
    createPaperBroker({
      account: setup.account,
      instruments: setup.instruments,
      cash: setup.cash,
      fees: { basisPoints: setup.feeBasisPoints },
      slippage: { basisPoints: setup.slippageBasisPoints },
    }),
}
const venues: readonly (readonly [name: string, harness: BrokerHarness])[] = [
  ['Alpaca', { capabilities: [], define: defineOnFake }],
]
const setup = { cash: { USD: '100000' } }

describe('one programme of orders comes to the same states and books', () => {
  it.each(venues)(
    'on paper and at %s',
    async (_name, venue) => {
      await fc.assert(
        fc.asyncProperty(steps, async (program) => {
          const [acts, expected] = await record(await openBrokerBench(paper, setup), program)
          expect(await replay(await openBrokerBench(venue, setup), acts)).toEqual(expected)
          await stopAll()
        }),
        { numRuns: 100 },
      )
    },
    120_000,
  )
})
