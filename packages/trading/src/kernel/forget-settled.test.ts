import { expect, test } from 'vitest'
import { openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

type Books = {
  readonly books: readonly { readonly history: readonly unknown[]; readonly forgotten?: readonly unknown[] }[]
}

function ledgerOf(snapshot: string): { readonly settled: number; readonly correctable: number } {
  const { ledger } = JSON.parse(snapshot) as { readonly ledger: Books }
  return {
    correctable: ledger.books.reduce((sum, { history }) => sum + history.length, 0),
    settled: ledger.books.reduce((sum, { forgotten = [] }) => sum + forgotten.length, 0),
  }
}

test('I23 what is old is settled as months begin, no figure changes, and a rebuild does the same', async () => {
  const bench = await openKernelBench()
  await bench.enter()
  const entry = bench.broker.sent[0]?.clientOrderId ?? ''
  bench.broker.fill(entry, '50', '100')
  await bench.kernel.settled()
  const told = ({ cash, realised, fees, positions }: ReturnType<typeof bench.kernel.portfolio>) => ({
    cash,
    realised,
    fees,
    positions,
  })
  const before = told(bench.kernel.portfolio())
  expect(ledgerOf(bench.kernel.snapshot())).toEqual({ correctable: 1, settled: 0 })
  for (let day = 0; day < 100; day += 1) await bench.session(100.1)
  expect(ledgerOf(bench.kernel.snapshot())).toEqual({ correctable: 0, settled: 1 })
  expect(told(bench.kernel.portfolio())).toEqual(before)
  for (let day = 0; day < 200; day += 1) await bench.session(100.1)
  expect(ledgerOf(bench.kernel.snapshot())).toEqual({ correctable: 0, settled: 0 })
  expect(told(bench.kernel.portfolio())).toEqual(before)
  expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
})
