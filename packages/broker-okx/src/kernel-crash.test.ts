import type { FakeOkxFault } from '@tradeswarm/testing/fakes'
import type { MarketEvent } from '@tradeswarm/trading'
import { afterEach, describe, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import {
  type Act,
  beginning,
  end,
  first,
  opening,
  quote,
  runWithCrash,
  second,
  session,
  symbols,
} from './kernel-crash.test-support.js'

afterEach(stopAll)

/** A position entered, protected and stopped out over two days, and an order that is amended and cancelled. */
function program(): readonly (MarketEvent | Act)[] {
  let resting: string | undefined
  const terms = { symbol: 'BBB-USD', type: 'limit', limitPrice: '97', timeInForce: 'gtc', quantity: '20' } as const
  const [later, muchLater] = [first.open + 60_000, second.open + 60_000]
  return [
    ...beginning(first, '100'),
    ...symbols.map((symbol) => quote(symbol, later, '99.9', '100')),
    (life) => life.enter({}),
    async (life) => {
      resting = await life.enter({ ...terms, exits: { stopPrice: '92', targetPrice: '110', maximumSessions: 5 } })
    },
    (life) => life.kernel.amend(resting ?? '', { quantity: '25' }, 'test'),
    (life) => life.kernel.cancel(resting ?? '', 'test'),
    ...end(first, '100'),
    session('pre-open', second, second.open),
    session('open', second, second.open),
    opening('BBB-USD', second, '100'),
    quote('AAA-USD', muchLater, '94', '94.1'),
  ]
}

const placing = 'POST /api/v5/trade/order'
const stopping = 'POST /api/v5/trade/order-algo'
const sweeps: readonly (readonly [name: string, faults: readonly FakeOkxFault[], outcomeWaitsMs: readonly number[]])[] =
  [
    ['nothing else fails', [], [1, 2]],
    ['the answer to the first order is lost', [{ kind: 'cut', when: 'after', on: placing }], [1, 2]],
    ['the first order is lost', [{ kind: 'cut', on: placing }], []],
    [
      'the answer to the stop is lost',
      [{ kind: 'code', code: '50004', status: 400, when: 'after', on: stopping }],
      [1, 2],
    ],
  ]

describe('I07 a kernel over OKX that dies at any step leaves no order twice and none unknown', () => {
  it.each(sweeps)(
    'where %s',
    async (_name, faults, outcomeWaitsMs) => {
      const run = (crashAt: number): Promise<boolean> =>
        runWithCrash({
          program: program(),
          faults,
          outcomeWaitsMs,
          crashAt,
          look(_life, fake, isCrashed) {
            if (isCrashed || faults.length > 0) return
            // The entry, the order that rests and is amended where it is, and the stop that was set off.
            expect(fake.orders().map(({ state }) => state)).toEqual(['filled', 'canceled', 'filled'])
          },
        })
      let crashes = 0
      for (let crashAt = 1; await run(crashAt); crashAt += 1) crashes += 1
      expect(crashes).toBeGreaterThan(15)
    },
    300_000,
  )
})
