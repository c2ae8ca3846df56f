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
  plainOrders,
  quote,
  runWithCrash,
  second,
  session,
  symbols,
} from './kernel-crash.test-support.js'

afterEach(stopAll)

/** A position entered, protected and left on the second day, by stop or target, and an order that is amended and cancelled. */
function program(leavesAt: readonly [bid: string, ask: string]): readonly (MarketEvent | Act)[] {
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
    quote('AAA-USD', muchLater, ...leavesAt),
  ]
}

const placing = 'POST /api/v5/trade/order'
const stopping = 'POST /api/v5/trade/order-algo'
type Sweep = {
  readonly faults?: readonly FakeOkxFault[]
  readonly outcomeWaitsMs?: readonly number[]
  /** What is quoted on the second day: at the stop or at the target. */
  readonly leavesAt?: readonly [bid: string, ask: string]
}

const sweeps: readonly (readonly [name: string, sweep: Sweep])[] = [
  ['nothing else fails', {}],
  ['the answer to the first order is lost', { faults: [{ kind: 'cut', when: 'after', on: placing }] }],
  ['the first order is lost', { faults: [{ kind: 'cut', on: placing }], outcomeWaitsMs: [] }],
  [
    'the answer to the exits is lost',
    { faults: [{ kind: 'code', code: '50004', status: 400, when: 'after', on: stopping }] },
  ],
  ['the target is reached', { leavesAt: ['111', '111.1'] }],
]

describe('I07 a kernel over OKX that dies at any step leaves no order twice and none unknown', () => {
  it.each(sweeps)(
    'where %s',
    async (_name, { faults = [], outcomeWaitsMs = [1, 2], leavesAt = ['94', '94.1'] }) => {
      const run = (crashAt: number): Promise<boolean> =>
        runWithCrash({
          program: program(leavesAt),
          faults,
          outcomeWaitsMs,
          crashAt,
          leavesAt,
          look(_life, fake, isCrashed) {
            if (isCrashed || faults.length > 0) return
            // The entry, the order that rests and is amended where it is, and what the pair has become.
            expect(plainOrders(fake).map(({ state }) => state)).toEqual(['filled', 'canceled', 'filled'])
          },
        })
      let crashes = 0
      for (let crashAt = 1; await run(crashAt); crashAt += 1) crashes += 1
      expect(crashes).toBeGreaterThan(15)
    },
    300_000,
  )
})
