import { expect } from 'vitest'
import type { FaultBench } from './fault-bench.js'
import type { FaultCase } from './fault-case.js'
import type { OrderFields } from './order-desk.js'

const resting = { type: 'limit', limitPrice: '90', timeInForce: 'gtc', quantity: '1' } as const
/** So many are sent at once. */
const together = 25
/** Where a venue answers with all of them. */
const manyRows = 100

async function placeMany(bench: FaultBench, count: number, fields: OrderFields): Promise<readonly string[]> {
  const ids: string[] = []
  while (ids.length < count) {
    const some = Array.from({ length: Math.min(together, count - ids.length) }, () => bench.place(fields))
    ids.push(...(await Promise.all(some)))
  }
  await bench.venue.settled()
  return ids
}

async function expectOpen(bench: FaultBench, ids: readonly string[]): Promise<void> {
  const listed = (await bench.broker.openOrders()).map(({ clientOrderId }) => clientOrderId)
  expect(listed.toSorted()).toEqual(ids.toSorted())
}

/** All that was told is listed, each once, and from any instant on. */
async function expectListed(bench: FaultBench, count: number): Promise<void> {
  const told = bench.events.flatMap((event) =>
    event.type === 'filled' ? [{ time: event.time, tradeId: event.execution.tradeId }] : [],
  )
  expect(told).toHaveLength(count)
  const since = told[Math.floor(count / 2)]?.time ?? 0
  for (const from of [0, since]) {
    const listed = (await bench.broker.executions?.(from)) ?? []
    const expected = told.filter(({ time }) => time >= from).map(({ tradeId }) => tradeId)
    expect(listed.map(({ execution }) => execution.tradeId).toSorted()).toEqual(expected.toSorted())
  }
}

/** Lists that are longer than what one answer holds. */
export const pagingCases: readonly FaultCase[] = [
  {
    id: 'B160',
    title: 'as many open orders as one answer holds are listed, and one more',
    async run(bench) {
      const rows = bench.venue.pages.openOrders || manyRows
      const ids = await placeMany(bench, rows, resting)
      await expectOpen(bench, ids)
      await expectOpen(bench, [...ids, ...(await placeMany(bench, 1, resting))])
    },
  },
  {
    id: 'B161',
    title: 'as many executions as one answer holds are listed, and one more',
    needs: ['executions'],
    async run(bench) {
      const rows = bench.venue.pages.executions || manyRows
      await placeMany(bench, rows, { quantity: '1' })
      await bench.until(() => bench.events.filter(({ type }) => type === 'filled').length >= rows, 'all are filled')
      await expectListed(bench, rows)
      await placeMany(bench, 1, { quantity: '1' })
      await bench.until(() => bench.events.filter(({ type }) => type === 'filled').length > rows, 'one more is filled')
      await expectListed(bench, rows + 1)
    },
  },
  {
    id: 'B162',
    title: 'more open orders than one answer holds: what a break has swallowed of the oldest and the latest is told',
    async run(bench) {
      const rows = bench.venue.pages.openOrders || manyRows
      const [oldest = ''] = await placeMany(bench, 1, { ...resting, limitPrice: '99' })
      const between = await placeMany(bench, rows - 1, resting)
      const [latest = ''] = await placeMany(bench, 1, { ...resting, limitPrice: '98.9' })
      await bench.venue.troubleStream('break', () => bench.quote('98', '98.5'))
      const isTold = (): boolean => [oldest, latest].every((id) => bench.wordsAbout(id).includes('filled'))
      await bench.until(isTold, 'both fills are told')
      for (const id of between) expect(bench.wordsAbout(id)).toEqual(['accepted'])
    },
  },
  {
    id: 'B163',
    title: 'more executions than one answer holds, swallowed by a break, are told once each',
    async run(bench) {
      const rows = bench.venue.pages.executions || manyRows
      const ids: string[] = []
      await bench.venue.troubleStream('break', async () => {
        ids.push(...(await placeMany(bench, rows + 1, { quantity: '1' })))
      })
      await bench.until(() => ids.every((id) => bench.wordsAbout(id).includes('filled')), 'all fills are told')
      for (const id of ids) expect(bench.wordsAbout(id)).toEqual(['accepted', 'filled'])
    },
  },
]
