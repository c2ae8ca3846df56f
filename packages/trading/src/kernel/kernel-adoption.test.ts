import { expect, test } from 'vitest'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const operator = { operator: 'Ada', reason: 'it is ours' }
const plan = { stopPrice: '95', targetPrice: '110', maximumSessions: 5 }

async function holdingOfOthers(): Promise<KernelBench> {
  const bench = await openKernelBench()
  bench.broker.balances.set('BBB', '10')
  return bench
}

test.each([
  { stopPrice: 'NaN' },
  { stopPrice: '1e309' },
  { stopPrice: '-5' },
  { stopPrice: '0' },
  { stopPrice: '110' },
  { targetPrice: undefined },
  { maximumSessions: Number.NaN },
  { maximumSessions: Number.POSITIVE_INFINITY },
  { maximumSessions: 0 },
  { trailAmount: '1', trailFraction: '0.1' },
  { trailFraction: '1.5' },
  { breakEvenPrice: '90' },
])('a position is not adopted with a plan of %j, and the books stay as they were', async (fields) => {
  const bench = await holdingOfOthers()
  const adoption = { symbol: 'BBB', price: '100', exits: { ...plan, ...fields } as never }
  await expect(bench.kernel.adopt(adoption, operator)).rejects.toMatchObject({
    code: 'INVALID_EXIT_PLAN',
    message: expect.stringContaining('exits'),
  })
  expect(bench.kernel.portfolio().positions).toEqual([])
  await bench.session(100)
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('a plan is kept in canonical text, and the position is protected by it', async () => {
  const bench = await holdingOfOthers()
  await bench.kernel.adopt({ symbol: 'BBB', price: '40', exits: { ...plan, stopPrice: '095.10' } }, operator)
  await bench.kernel.settled()
  expect(bench.kernel.exits('BBB')).toEqual({ ...plan, stopPrice: '95.1' })
  expect(bench.broker.sent).toMatchObject([
    { type: 'stop', stopPrice: '95.1', quantity: '10' },
    { type: 'limit', limitPrice: '110', quantity: '10' },
  ])
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test('I21 a position is adopted once, also where the venue cannot be asked any more after the first time', async () => {
  const bench = await holdingOfOthers()
  const { balances } = bench.broker
  const read = balances[Symbol.iterator].bind(balances)
  balances[Symbol.iterator] = () => {
    // The answer comes, and no further one.
    queueMicrotask(() => {
      bench.broker.onLookup = new Error('down')
    })
    return read()
  }
  await bench.kernel.adopt({ symbol: 'BBB', price: '100', exits: plan }, operator)
  await expect(bench.kernel.adopt({ symbol: 'BBB', price: '100', exits: plan }, operator)).rejects.toMatchObject({
    code: 'NOTHING_TO_ADOPT',
  })
  expect(bench.kernel.portfolio().positions).toMatchObject([{ symbol: 'BBB', quantity: '10' }])
})
