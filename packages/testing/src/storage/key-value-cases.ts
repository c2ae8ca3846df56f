import { describe, expect, test } from 'vitest'
import { expectCode, openStorage, type StorageContractOptions } from './contract-harness.js'

/** The cases of the `KeyValueStore` port. */
export function keyValueCases(options: StorageContractOptions): void {
  describe('key-value store', () => {
    test('counts the revisions of a key from 1, and again after a delete', async () => {
      const { storage } = await openStorage(options)
      expect(await storage.keyValue.get('a')).toBeUndefined()
      await storage.commit({ keyValue: [{ key: 'a', value: 'one' }] })
      expect(await storage.keyValue.get('a')).toEqual({ key: 'a', value: 'one', revision: 1 })
      await storage.commit({ keyValue: [{ key: 'a', value: '' }] })
      expect(await storage.keyValue.get('a')).toEqual({ key: 'a', value: '', revision: 2 })
      await storage.commit({ keyValue: [{ key: 'a' }, { key: 'never there' }] })
      expect(await storage.keyValue.get('a')).toBeUndefined()
      await storage.commit({ keyValue: [{ key: 'a', value: 'again' }] })
      expect(await storage.keyValue.get('a')).toEqual({ key: 'a', value: 'again', revision: 1 })
    })

    test('writes only on the revision asked for', async () => {
      const { storage } = await openStorage(options)
      await storage.commit({ keyValue: [{ key: 'a', value: 'one', ifRevision: 0 }] })
      await expectCode('REVISION_CONFLICT', () =>
        storage.commit({ keyValue: [{ key: 'a', value: 'x', ifRevision: 0 }] }),
      )
      await expectCode('REVISION_CONFLICT', () => storage.commit({ keyValue: [{ key: 'a', ifRevision: 2 }] }))
      await expectCode('REVISION_CONFLICT', () =>
        storage.commit({ keyValue: [{ key: 'b', value: 'x', ifRevision: 1 }] }),
      )
      expect(await storage.keyValue.get('a')).toEqual({ key: 'a', value: 'one', revision: 1 })
      await storage.commit({ keyValue: [{ key: 'a', value: 'two', ifRevision: 1 }] })
      await storage.commit({
        keyValue: [
          { key: 'a', ifRevision: 2 },
          { key: 'b', ifRevision: 0 },
        ],
      })
      expect(await storage.keyValue.get('a')).toBeUndefined()
    })

    test('applies the writes of one batch in their order', async () => {
      const { storage } = await openStorage(options)
      await storage.commit({
        keyValue: [
          { key: 'a', value: 'one', ifRevision: 0 },
          { key: 'a', value: 'two', ifRevision: 1 },
          { key: 'b', value: 'gone' },
          { key: 'b' },
          { key: 'c', value: 'old' },
          { key: 'c' },
          { key: 'c', value: 'new', ifRevision: 0 },
        ],
      })
      expect(await storage.keyValue.list({ prefix: '' })).toEqual([
        { key: 'a', value: 'two', revision: 2 },
        { key: 'c', value: 'new', revision: 1 },
      ])
    })

    test('one of two writers on the same revision wins', async () => {
      const { storage } = await openStorage(options)
      await storage.commit({ keyValue: [{ key: 'a', value: 'start' }] })
      const results = await Promise.allSettled(
        ['left', 'right'].map((value) => storage.commit({ keyValue: [{ key: 'a', value, ifRevision: 1 }] })),
      )
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect((await storage.keyValue.get('a'))?.revision).toBe(2)
    })

    test('drops an entry when its time to live is over', async () => {
      const { storage, clock } = await openStorage(options)
      await storage.commit({
        keyValue: [
          { key: 'a', value: 'x', ttlMs: 1_000 },
          { key: 'b', value: 'stays' },
        ],
      })
      clock.advance(999)
      expect((await storage.keyValue.get('a'))?.value).toBe('x')
      await expectCode('REVISION_CONFLICT', () =>
        storage.commit({ keyValue: [{ key: 'a', value: 'y', ifRevision: 0 }] }),
      )
      clock.advance(1)
      expect(await storage.keyValue.get('a')).toBeUndefined()
      expect((await storage.keyValue.list({ prefix: '' })).map(({ key }) => key)).toEqual(['b'])
      await storage.commit({ keyValue: [{ key: 'a', value: 'y', ifRevision: 0 }] })
      expect(await storage.keyValue.get('a')).toEqual({ key: 'a', value: 'y', revision: 1 })
      clock.advance(1_000_000)
      expect((await storage.keyValue.get('a'))?.value).toBe('y')
    })

    test('a later write sets the time to live anew, or lifts it', async () => {
      const { storage, clock } = await openStorage(options)
      await storage.commit({
        keyValue: [
          { key: 'a', value: 'x', ttlMs: 10 },
          { key: 'b', value: 'x', ttlMs: 10 },
        ],
      })
      clock.advance(5)
      await storage.commit({
        keyValue: [
          { key: 'a', value: 'x', ttlMs: 10 },
          { key: 'b', value: 'x' },
        ],
      })
      clock.advance(9)
      expect((await storage.keyValue.list({ prefix: '' })).map(({ key, revision }) => `${key}${revision}`)).toEqual([
        'a2',
        'b2',
      ])
      clock.advance(1)
      expect((await storage.keyValue.list({ prefix: '' })).map(({ key }) => key)).toEqual(['b'])
    })

    test('thousands of entries that expire leave the others in place', async () => {
      const { storage, clock } = await openStorage(options)
      for (let round = 0; round < 4; round += 1) {
        const keyValue = Array.from({ length: 700 }, (_, index) => ({
          key: `${round}/${index}`,
          value: 'x',
          ttlMs: 10,
        }))
        await storage.commit({ keyValue: [...keyValue, { key: `kept/${round}`, value: 'x' }] })
        clock.advance(10)
      }
      expect((await storage.keyValue.list({ prefix: '' })).map(({ key }) => key)).toEqual([
        'kept/0',
        'kept/1',
        'kept/2',
        'kept/3',
      ])
    })

    test('refuses a time to live that is not positive', async () => {
      const { storage } = await openStorage(options)
      for (const ttlMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        await expectCode('INVALID_BATCH', () => storage.commit({ keyValue: [{ key: 'a', value: 'x', ttlMs }] }))
      }
    })

    test('lists the keys of a prefix, page by page', async () => {
      const { storage } = await openStorage(options)
      const keys = ['a', 'a/', 'a/1', 'a/2', 'a/3', 'a0', 'b/1', '%', '_', 'a/%', 'A/1']
      await storage.commit({ keyValue: keys.map((key) => ({ key, value: key })) })
      const list = async (prefix: string, after?: string, limit?: number): Promise<string[]> => {
        const found = await storage.keyValue.list({
          prefix,
          ...(after === undefined ? {} : { after }),
          ...(limit === undefined ? {} : { limit }),
        })
        return found.map(({ key }) => key)
      }
      expect(await list('a/')).toEqual(['a/', 'a/%', 'a/1', 'a/2', 'a/3'])
      expect(await list('a/', undefined, 2)).toEqual(['a/', 'a/%'])
      expect(await list('a/', 'a/%', 2)).toEqual(['a/1', 'a/2'])
      expect(await list('a/', 'a/2', 2)).toEqual(['a/3'])
      expect(await list('a/', 'a/3')).toEqual([])
      expect(await list('a/', '0')).toEqual(['a/', 'a/%', 'a/1', 'a/2', 'a/3'])
      expect(await list('a/', 'a/15')).toEqual(['a/2', 'a/3'])
      expect(await list('a/', 'z')).toEqual([])
      expect(await list('nothing')).toEqual([])
      expect(await list('', undefined, 0)).toEqual([])
      expect(await list('')).toEqual(['%', 'A/1', '_', 'a', 'a/', 'a/%', 'a/1', 'a/2', 'a/3', 'a0', 'b/1'])
      await expectCode('INVALID_OPTION', () => list('', undefined, -1))
    })

    test('a page holds 1,000 entries unless told otherwise', async () => {
      const { storage } = await openStorage(options)
      await storage.commit({
        keyValue: Array.from({ length: 1_001 }, (_, index) => ({ key: `k${index}`, value: 'x' })),
      })
      expect(await storage.keyValue.list({ prefix: 'k' })).toHaveLength(1_000)
      expect(await storage.keyValue.list({ prefix: 'k', limit: 2_000 })).toHaveLength(1_001)
    })

    test('orders keys by their UTF-8 bytes, and takes any character in a prefix', async () => {
      const { storage } = await openStorage(options)
      const sorted = [
        '',
        'a',
        'z',
        'é',
        'é1',
        '漢',
        '\uD7FF',
        '\uE000',
        '\uFFFD',
        '\u{10000}',
        '🐝',
        '🐝x',
        '\u{10FFFF}',
        '\u{10FFFF}a',
      ]
      await storage.commit({ keyValue: sorted.toReversed().map((key) => ({ key, value: 'x' })) })
      const list = async (prefix: string): Promise<string[]> =>
        (await storage.keyValue.list({ prefix })).map(({ key }) => key)
      expect(await list('')).toEqual(sorted)
      expect(await list('é')).toEqual(['é', 'é1'])
      expect(await list('🐝')).toEqual(['🐝', '🐝x'])
      expect(await list('\uD7FF')).toEqual(['\uD7FF'])
      expect(await list('\u{10FFFF}')).toEqual(['\u{10FFFF}', '\u{10FFFF}a'])
    })
  })
}
