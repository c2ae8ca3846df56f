import type { FakeOkx, FakeOkxFault } from '@tradeswarm/testing/fakes'
import type { MarketEvent } from '@tradeswarm/trading'
import { afterEach, describe, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { type Act, beginning, first, plainOrders, quote, runWithCrash, symbols } from './kernel-crash.test-support.js'
import type { OkxLife } from './kernel-life.test-support.js'

afterEach(stopAll)

const at = (minute: number): number => first.open + minute * 60_000

/** A position whose stop follows the price, and an order that is amended twice, filled in part in between, and then whole. */
function program(): readonly (MarketEvent | Act)[] {
  let resting: string | undefined
  const terms = { symbol: 'BBB-USD', type: 'limit', limitPrice: '97', timeInForce: 'gtc', quantity: '20' } as const
  return [
    ...beginning(first, '100'),
    ...symbols.map((symbol) => quote(symbol, at(1), '99.9', '100')),
    (life) => life.enter({ exits: { stopPrice: '95', targetPrice: '130', maximumSessions: 5, trailAmount: '4' } }),
    async (life) => {
      resting = await life.enter({ ...terms, exits: { stopPrice: '92', targetPrice: '130', maximumSessions: 5 } })
    },
    (life) => life.kernel.amend(resting ?? '', { quantity: '25', limitPrice: '98' }, 'test'),
    quote('AAA-USD', at(3), '104', '104.1'),
    { ...quote('BBB-USD', at(3), '97.8', '97.9'), askSize: '10' } as MarketEvent,
    (life) => life.kernel.amend(resting ?? '', { quantity: '30', limitPrice: '96' }, 'test'),
    quote('AAA-USD', at(5), '106', '106.1'),
    quote('BBB-USD', at(5), '96.9', '97'),
    quote('BBB-USD', at(6), '95.8', '95.9'),
  ]
}

type Known = {
  readonly header: { readonly request: { readonly clientOrderId: string } }
  readonly state: { readonly status: string; readonly orderedQuantity: string; readonly overfilledQuantity: string }
}

/** Each order has the size in the books that it has at the venue, and has ended there where it has ended here. */
function termsAgree(life: OkxLife, fake: FakeOkx): void {
  const { orders } = JSON.parse(life.kernel.snapshot()) as { orders: readonly Known[] }
  for (const { clOrdId, sz, state } of fake.orders()) {
    const known = orders.find(({ header }) => header.request.clientOrderId === clOrdId)
    if (known === undefined) continue
    expect(known.state).toMatchObject({ status: state, orderedQuantity: sz, overfilledQuantity: '0' })
  }
}

const amending = 'POST /api/v5/trade/amend-order'
const moving = 'POST /api/v5/trade/amend-algos'
const sweeps: readonly (readonly [name: string, faults: readonly FakeOkxFault[], outcomeWaitsMs: readonly number[]])[] =
  [
    ['nothing else fails', [], [1, 2]],
    ['the answer to an amendment is lost', [{ kind: 'cut', when: 'after', on: amending }], [1, 2]],
    ['an amendment is lost', [{ kind: 'cut', on: amending }], []],
    ['an amendment is refused', [{ kind: 'code', code: '51513', on: amending }], [1, 2]],
    [
      'the answer to the move of a stop is lost',
      [{ kind: 'code', code: '50004', status: 400, when: 'after', on: moving }],
      [],
    ],
    ['the move of a stop is lost', [{ kind: 'cut', on: moving }], [1]],
  ]

describe('I07 a kernel over OKX that dies at any step of an amendment knows what its orders stand at', () => {
  it.each(sweeps)(
    'where %s',
    async (_name, faults, outcomeWaitsMs) => {
      const run = (crashAt: number): Promise<boolean> =>
        runWithCrash({
          program: program(),
          faults,
          outcomeWaitsMs,
          crashAt,
          look(life, fake, isCrashed) {
            termsAgree(life, fake)
            if (isCrashed || faults.length > 0) return
            // Each order was placed once, and amended where it was; the stop was set off in the end.
            expect(plainOrders(fake).map(({ sz, state }) => [sz, state])).toEqual([
              ['50', 'filled'],
              ['30', 'filled'],
              ['50', 'filled'],
            ])
            const asked = fake.requests.map(({ method, path }) => `${method} ${path}`)
            expect(asked.filter((request) => request === amending)).toHaveLength(2)
            expect(asked.filter((request) => request === moving)).toHaveLength(2)
          },
        })
      let crashes = 0
      for (let crashAt = 1; await run(crashAt); crashAt += 1) crashes += 1
      expect(crashes).toBeGreaterThan(25)
    },
    300_000,
  )
})
