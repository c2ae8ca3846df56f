import type { FakeOkxFault } from '@tradeswarm/testing/fakes'
import { afterEach, describe, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { plainOrders, runWithCrash } from './kernel-crash.test-support.js'
import { btc, eth, fundingBookedOnce, type Leaving, noneBare, program, swaps } from './kernel-swaps.test-support.js'

afterEach(stopAll)

const placing = 'POST /api/v5/trade/order'
const stopping = 'POST /api/v5/trade/order-algo'
const telling = 'GET /api/v5/account/bills'
type Sweep = { readonly faults?: readonly FakeOkxFault[]; readonly leaving?: Leaving }

const sweeps: readonly (readonly [name: string, sweep: Sweep])[] = [
  ['a stop is set off', {}],
  [
    'the answer to the first order and the list of funding are lost, and the target is reached',
    {
      faults: [
        { kind: 'cut', when: 'after', on: placing },
        { kind: 'cut', on: telling, times: 2 },
      ],
      leaving: { bid: '53100.3', ask: '53100.4' },
    },
  ],
  [
    'the answer to the exits is lost, and an agent leaves',
    {
      faults: [{ kind: 'code', code: '50004', status: 400, when: 'after', on: stopping }],
      leaving: { bid: '50700.1', ask: '50700.2', byAgent: true },
    },
  ],
]

describe('I07 a kernel over OKX that holds swaps and dies at any step leaves no order twice and none unknown', () => {
  it.each(sweeps)(
    'where %s',
    async (_name, { faults = [], leaving = { bid: '47400.1', ask: '47400.2' } }) => {
      const run = (crashAt: number): Promise<boolean> =>
        runWithCrash({
          program: program(leaving),
          market: swaps,
          faults,
          outcomeWaitsMs: [1, 2],
          crashAt,
          settlesAt: [
            [btc, leaving.bid, leaving.ask],
            [eth, '2399.5', '2399.9'],
          ],
          async look(life, fake, isCrashed) {
            await fundingBookedOnce(life)
            noneBare(life)
            if (isCrashed) return
            expect(life.kernel.portfolio().positions).toEqual([])
            if (faults.length > 0) return
            expect(plainOrders(fake).map(({ instId, side, sz, state }) => [instId, side, sz, state])).toEqual([
              [btc, 'buy', '7.53', 'filled'],
              [eth, 'sell', '11.07', 'filled'],
              // Each part that had filled was covered by itself.
              [btc, 'sell', '2.51', 'filled'],
              [btc, 'sell', '5.02', 'filled'],
              [eth, 'buy', '11.07', 'filled'],
            ])
            expect(await life.broker()?.movements(0)).toHaveLength(4)
          },
        })
      let crashes = 0
      for (let crashAt = 1; await run(crashAt); crashAt += 1) crashes += 1
      expect(crashes).toBeGreaterThan(20)
    },
    300_000,
  )
})
