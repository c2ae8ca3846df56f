import fc from 'fast-check'
import { test } from 'vitest'
import type { MarketEvent } from '../market/market-event.js'
import { openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

type Word = { readonly at: number; readonly rank: number } & (
  | { readonly of: 'fill' | 'dividend'; readonly units: number }
  | { readonly of: 'split'; readonly ratio: readonly [number, number] }
)

/** Executions of one entry, dividends and a split, each at a second of its own. */
const words = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
    fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 }),
    fc.option(fc.constantFrom<readonly [number, number]>([2, 1], [4, 1]), { nil: undefined }),
    fc.infiniteStream(fc.integer({ min: 0, max: 1_000_000 })),
  )
  .map(([fills, dividends, ratio, ranks]): readonly Word[] => {
    const rank = (): number => ranks.next().value
    const made: Word[] = [
      ...fills.map((units): Word => ({ of: 'fill', units, at: rank(), rank: rank() })),
      ...dividends.map((units): Word => ({ of: 'dividend', units, at: rank(), rank: rank() })),
      ...(ratio === undefined ? [] : [{ of: 'split', ratio, at: rank(), rank: rank() } satisfies Word]),
    ]
    const inTime = made.sort((a, b) => a.at - b.at)
    return inTime.map((word, place) => ({ ...word, at: (place + 1) * 1_000 }))
  })

/** What comes of them in the order of their times: units held at the end, and dividends in quarters of a dollar. */
function inOrderOfTime(all: readonly Word[]): { readonly held: number; readonly quarters: number } {
  let [held, quarters] = [0, 0]
  for (const word of all) {
    if (word.of === 'split') held = (held * word.ratio[0]) / word.ratio[1]
    else if (word.of === 'fill') held += word.units
    else quarters += held * word.units
  }
  return { held, quarters }
}

test('I04 I19 in whatever order executions, dividends and a split are told, the books end as if it had been that of their times', async () => {
  await fc.assert(
    fc.asyncProperty(words, async (all) => {
      const bench = await openKernelBench({}, 25)
      await bench.session(100, ['pre-open', 'open'])
      await bench.enter({ quantity: '50', type: 'limit', limitPrice: '100', timeInForce: 'gtc' })
      const id = bench.broker.sent[0]?.clientOrderId ?? ''
      const [start, sessionDate] = [bench.now, '2014-02-20']
      const end = start + 60_000
      for (const [index, word] of [...all].sort((a, b) => a.rank - b.rank).entries()) {
        const time = start + word.at
        bench.now = word.of === 'fill' ? time : end
        if (word.of === 'fill') bench.broker.fill(id, String(word.units), '100', `t${index}`)
        else {
          const at = { symbol: 'AAA', sessionDate, time }
          const event: MarketEvent =
            word.of === 'split'
              ? { type: 'split', ...at, numerator: word.ratio[0], denominator: word.ratio[1] }
              : {
                  type: 'dividend',
                  ...at,
                  dividendId: String(index),
                  currency: 'USD',
                  amountPerUnit: String(word.units / 4),
                }
          await bench.kernel.onMarket(event)
        }
        bench.now = end
        await bench.kernel.settled()
      }
      const { held, quarters } = inOrderOfTime(all)
      const { income, positions } = bench.kernel.portfolio()
      if (Number(income) !== quarters / 4) throw new Error(`the income is ${income}, by time ${quarters / 4}`)
      if (Number(positions[0]?.quantity ?? '0') !== held)
        throw new Error(`${positions[0]?.quantity} are held, not ${held}`)
      if (rebuildKernelState(bench.journal) !== bench.kernel.snapshot()) throw new Error('a rebuild differs')
    }),
    { numRuns: 60 },
  )
})
