import { expect, test } from 'vitest'
import { openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const ann = { operator: 'ann', reason: 'the statement of the venue' }

test('money that moves without a trade is booked by a person, once, and rebuilt with the rest', async () => {
  const bench = await openKernelBench()
  await bench.kernel.book({ type: 'deposit', eventId: 'wire-1', amount: '2500.5' }, ann)
  await bench.kernel.book({ type: 'deposit', eventId: 'wire-1', amount: '2500.5' }, ann)
  await bench.kernel.book({ type: 'withdrawal', eventId: 'wire-2', amount: '500.25' }, ann)
  await bench.kernel.book({ type: 'interest', eventId: 'interest-may', amount: '-1.25' }, ann)
  await bench.kernel.book({ type: 'borrow', eventId: 'borrow-1', symbol: 'AAA', amount: '0.75' }, ann)
  expect(bench.kernel.portfolio()).toMatchObject({
    netDeposits: '102000.25',
    cash: { USD: { total: '101998.25', free: '101998.25', locked: '0' } },
  })
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})

test.each([
  ['nobody', { type: 'deposit', eventId: 'x', amount: '1' }, { operator: '', reason: '' }, 'NOT_AUTHORIZED'],
  ['no number', { type: 'deposit', eventId: 'x', amount: '1e309' }, ann, 'INVALID_DECIMAL'],
  [
    'a trade',
    { type: 'bust', eventId: 'x', account: 'test', symbol: 'AAA', tradeId: 't' },
    ann,
    'INVALID_LEDGER_EVENT',
  ],
  [
    'units',
    { type: 'transfer', eventId: 'x', symbol: 'AAA', asset: 'AAA', quantity: '1', cost: '1' },
    ann,
    'INVALID_LEDGER_EVENT',
  ],
])('%s: refused, and nothing is booked', async (_, movement, who, code) => {
  const bench = await openKernelBench()
  const entries = bench.journal.length
  await expect(bench.kernel.book(movement as never, who)).rejects.toMatchObject({ code })
  expect(bench.journal).toHaveLength(entries)
})
