import { decimal, type OrderState } from '@tradeswarm/trading'
import { afterEach, describe, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { type Act, beginning, first, quote, runWithCrash, symbols } from './kernel-crash.test-support.js'
import type { OkxLife } from './kernel-life.test-support.js'

afterEach(stopAll)

/** OKX takes 3,000 USD as one market order: of 56 units at 100 that is about half. */
const bounds = { maxMktSz: '3000' }
const later = first.open + 60_000

/** Fifty-six units, bought in two orders of which each is as large as may be, and left by `leave`. */
function program(leave: Act): readonly (Act | ReturnType<typeof quote>)[] {
  const terms = { quantity: '28', exits: { stopPrice: '95', targetPrice: '110', maximumSessions: 5 } }
  const entries = [1, 2].flatMap((minute): (Act | ReturnType<typeof quote>)[] => [
    ...symbols.map((symbol) => quote(symbol, later + minute * 60_000, '99.9', '100')),
    (life) => life.enter(terms),
  ])
  return [...(beginning(first, '100') as ReturnType<typeof quote>[]), ...entries, leave]
}

const ways: readonly (readonly [name: string, leave: Act])[] = [
  ['by an agent', (life) => leaveAll(life)],
  ['by a flatten', (life) => life.kernel.flatten({ operator: 'Ada', reason: 'test' })],
]

async function leaveAll(life: OkxLife): Promise<void> {
  const [position] = life.kernel.portfolio().positions
  if (position === undefined) return
  const exit = { side: 'sell', quantity: position.quantity, reduceOnly: true } as const
  // A life that knows of an exit on its way asks for no second one.
  await life.enter({ ...exit, exits: undefined } as unknown as Parameters<OkxLife['enter']>[0])
}

function hasUnknown({ kernel }: OkxLife): boolean {
  const { orders } = JSON.parse(kernel.snapshot()) as { readonly orders: readonly { readonly state: OrderState }[] }
  return orders.some(({ state }) => state.status === 'unknown')
}

describe('a position that is larger than one order may be', () => {
  it.each(ways)('I07 I29 is covered and left %s, through a death on the way', async (_name, leave) => {
    const run = (crashAt: number): Promise<boolean> =>
      runWithCrash({
        program: program(leave),
        faults: [],
        outcomeWaitsMs: [1, 2],
        crashAt,
        bounds,
        look(life, fake, isCrashed) {
          for (const { side, ordType, sz } of fake.orders())
            if (side === 'sell' && ordType === 'market')
              expect(decimal(String(sz)).times(decimal('100')).lte(decimal('3000'))).toBe(true)
          // An exit of which nobody knows whether it arrived is never sent a second time.
          if (isCrashed && hasUnknown(life)) return
          expect(life.kernel.portfolio().positions).toEqual([])
          if (isCrashed) return
          const sold = fake.orders().filter(({ side, ordType }) => side === 'sell' && ordType === 'market')
          expect(sold.map(({ sz, state }) => [sz, state])).toEqual([
            ['28', 'filled'],
            ['28', 'filled'],
          ])
        },
      })
    let crashes = 0
    // Every third step: the property test of the kernel dies at any.
    for (let crashAt = 1; await run(crashAt); crashAt += 3) crashes += 1
    expect(crashes).toBeGreaterThan(8)
  })
})
