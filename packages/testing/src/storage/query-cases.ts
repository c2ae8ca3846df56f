import type { QueryOptions, QueryRecord, Storage } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import { expectCode, openStorage, type StorageContractOptions } from './contract-harness.js'

const orders: readonly QueryRecord[] = [
  record('o1', 100, { symbol: 'AAPL', side: 'buy', state: 'filled' }),
  record('o2', 200, { symbol: 'MSFT', side: 'buy', state: 'working' }),
  record('o4', 300, { symbol: 'AAPL', side: 'sell', state: 'working' }),
  record('o3', 300, { symbol: 'AAPL', side: 'buy', state: 'working' }),
  record('o5', 400, { symbol: 'AAPL', side: 'buy', state: 'filled' }),
]

function record(id: string, time: number, tags: Readonly<Record<string, string>>): QueryRecord {
  return { id, time, tags, text: `{"id":"${id}"}` }
}

async function put(storage: Storage, collection: string, records: readonly QueryRecord[]): Promise<void> {
  await storage.commit({ records: records.map((one) => ({ collection, record: one })) })
}

/** The cases of the `QueryStore` port. */
export function queryCases(options: StorageContractOptions): void {
  const withOrders = async (): Promise<{ storage: Storage; ids(query?: QueryOptions): Promise<string[]> }> => {
    const { storage } = await openStorage(options)
    await put(storage, 'orders', orders)
    await put(storage, 'fills', [record('o1', 100, { symbol: 'AAPL' })])
    const ids = async (query?: QueryOptions): Promise<string[]> =>
      (await storage.records.query('orders', query)).map(({ id }) => id)
    return { storage, ids }
  }

  describe('query store', () => {
    test('finds a record by its collection and id', async () => {
      const { storage } = await withOrders()
      expect(await storage.records.get('orders', 'o2')).toEqual(orders[1])
      expect(await storage.records.get('fills', 'o2')).toBeUndefined()
      expect(await storage.records.get('absent', 'o2')).toBeUndefined()
      expect(await storage.records.query('absent')).toEqual([])
    })

    test('returns whole records in order of time, then id, either way', async () => {
      const { storage, ids } = await withOrders()
      expect(await ids()).toEqual(['o1', 'o2', 'o3', 'o4', 'o5'])
      expect(await ids({ order: 'descending' })).toEqual(['o5', 'o4', 'o3', 'o2', 'o1'])
      expect((await storage.records.query('orders', { limit: 2 })).at(-1)).toEqual(orders[1])
    })

    test('matches every tag that is named', async () => {
      const { ids } = await withOrders()
      expect(await ids({ where: { symbol: 'AAPL' } })).toEqual(['o1', 'o3', 'o4', 'o5'])
      expect(await ids({ where: { state: 'working', symbol: 'AAPL' } })).toEqual(['o3', 'o4'])
      expect(await ids({ where: { state: 'working', symbol: 'AAPL', side: 'sell' } })).toEqual(['o4'])
      expect(await ids({ where: { symbol: 'AAPL', venue: 'x' } })).toEqual([])
      expect(await ids({ where: { toString: 'x' } })).toEqual([])
      expect(await ids({ where: { symbol: 'aapl' } })).toEqual([])
      expect(await ids({ where: {} })).toEqual(['o1', 'o2', 'o3', 'o4', 'o5'])
      expect(await ids({ where: { symbol: 'AAPL' }, order: 'descending' })).toEqual(['o5', 'o4', 'o3', 'o1'])
    })

    test('keeps to inclusive bounds of time', async () => {
      const { ids } = await withOrders()
      expect(await ids({ fromTime: 200, toTime: 300 })).toEqual(['o2', 'o3', 'o4'])
      expect(await ids({ fromTime: 300, where: { side: 'buy' }, order: 'descending' })).toEqual(['o5', 'o3'])
      expect(await ids({ toTime: 299.5, order: 'descending' })).toEqual(['o2', 'o1'])
      expect(await ids({ fromTime: Number.NEGATIVE_INFINITY, toTime: Number.POSITIVE_INFINITY })).toHaveLength(5)
      expect(await ids({ fromTime: 301, toTime: 300 })).toEqual([])
      await expectCode('INVALID_OPTION', () => ids({ fromTime: Number.NaN }))
    })

    test('pages through ties of time in both orders', async () => {
      const { storage } = await openStorage(options)
      const all = Array.from({ length: 25 }, (_, index) =>
        record(`r${index}`, Math.floor(index / 7), { parity: `${index % 2}` }),
      )
      await put(storage, 'many', all)
      for (const order of ['ascending', 'descending'] as const) {
        for (const where of [undefined, { parity: '1' }]) {
          const query: QueryOptions = { order, fromTime: 0, toTime: 3, ...(where === undefined ? {} : { where }) }
          const whole = await storage.records.query('many', query)
          const paged: QueryRecord[] = []
          for (;;) {
            const last = paged.at(-1)
            const page = await storage.records.query('many', {
              ...query,
              limit: 4,
              ...(last === undefined ? {} : { after: last }),
            })
            if (page.length === 0) break
            paged.push(...page)
          }
          expect(whole).toHaveLength(where === undefined ? 25 : 12)
          expect(paged).toEqual(whole)
        }
      }
    })

    test('a place to go on from may lie outside the bounds or between records', async () => {
      const { ids } = await withOrders()
      expect(await ids({ after: { time: 0, id: '' }, fromTime: 200 })).toEqual(['o2', 'o3', 'o4', 'o5'])
      expect(await ids({ after: { time: 300, id: 'o3x' } })).toEqual(['o4', 'o5'])
      expect(await ids({ after: { time: 900, id: '' }, toTime: 200, order: 'descending' })).toEqual(['o2', 'o1'])
      expect(await ids({ after: { time: 900, id: '' } })).toEqual([])
    })

    test('counts what a query would find without a limit', async () => {
      const { storage } = await withOrders()
      expect(await storage.records.count('orders')).toBe(5)
      expect(await storage.records.count('orders', {})).toBe(5)
      expect(await storage.records.count('orders', { state: 'working' })).toBe(3)
      expect(await storage.records.count('orders', { state: 'working', symbol: 'AAPL' })).toBe(2)
      expect(await storage.records.count('orders', { state: 'absent' })).toBe(0)
      expect(await storage.records.count('absent')).toBe(0)
    })

    test('returns 1,000 records unless told otherwise', async () => {
      const { storage } = await openStorage(options)
      await put(
        storage,
        'many',
        Array.from({ length: 1_001 }, (_, index) => record(`r${index}`, index, {})),
      )
      expect(await storage.records.query('many')).toHaveLength(1_000)
      expect(await storage.records.query('many', { limit: 5_000 })).toHaveLength(1_001)
      expect(await storage.records.query('many', { limit: 0 })).toEqual([])
      await expectCode('INVALID_OPTION', () => storage.records.query('many', { limit: 0.5 }))
    })

    test('replacing a record moves it in time and under its new tags only', async () => {
      const { storage, ids } = await withOrders()
      const moved = record('o1', 350, { symbol: 'TSLA', state: 'filled' })
      await put(storage, 'orders', [moved])
      expect(await storage.records.get('orders', 'o1')).toEqual(moved)
      expect(await ids()).toEqual(['o2', 'o3', 'o4', 'o1', 'o5'])
      expect(await ids({ where: { symbol: 'AAPL' } })).toEqual(['o3', 'o4', 'o5'])
      expect(await ids({ where: { symbol: 'TSLA' } })).toEqual(['o1'])
      expect(await ids({ where: { state: 'filled' } })).toEqual(['o1', 'o5'])
      expect(await storage.records.count('orders', { side: 'buy' })).toBe(3)
      await put(storage, 'orders', [{ ...moved, text: 'other' }])
      expect((await storage.records.query('orders', { where: { symbol: 'TSLA' } })).map(({ text }) => text)).toEqual([
        'other',
      ])
      expect(await storage.records.count('orders')).toBe(5)
      expect(await storage.records.get('fills', 'o1')).toEqual(record('o1', 100, { symbol: 'AAPL' }))
    })

    test('the last of two writes of one id in a batch counts', async () => {
      const { storage } = await openStorage(options)
      await put(storage, 'c', [record('a', 1, { tag: 'first' }), record('a', 2, { tag: 'second' })])
      expect(await storage.records.query('c')).toEqual([record('a', 2, { tag: 'second' })])
      expect(await storage.records.count('c', { tag: 'first' })).toBe(0)
    })

    test('takes any text as id, tag and value, and orders ids by their UTF-8 bytes', async () => {
      const { storage } = await openStorage(options)
      const ids = ['', 'a', 'é', '\uE000', '🐝', '\u{10FFFF}']
      const tags = { '': '', "quote'": 'x"y', '🐝': '漢\u0000字', constructor: '1' }
      await put(
        storage,
        'any',
        ids.toReversed().map((id) => record(id, -5, tags)),
      )
      const found = await storage.records.query('any', { where: tags, fromTime: -5, toTime: -5 })
      expect(found).toEqual(ids.map((id) => record(id, -5, tags)))
      expect((await storage.records.query('any', { after: { time: -5, id: '\uE000' } })).map(({ id }) => id)).toEqual([
        '🐝',
        '\u{10FFFF}',
      ])
      expect(
        (await storage.records.query('any', { toTime: -5, order: 'descending', limit: 1 })).map(({ id }) => id),
      ).toEqual(['\u{10FFFF}'])
    })

    test('refuses a time that is not whole milliseconds', async () => {
      const { storage } = await openStorage(options)
      await expectCode('INVALID_BATCH', () => put(storage, 'c', [record('a', 0.5, {})]))
      await expectCode('INVALID_BATCH', () => put(storage, 'c', [record('a', Number.NaN, {})]))
    })
  })
}
