import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { createStateStore } from './state-store.js'
import { beginStateTransaction } from './transaction.js'

const live = (): void => undefined

describe('a state transaction', () => {
  it('sees its own writes at once, others only after its commit', () => {
    const store = createStateStore()
    const first = beginStateTransaction(store, 'a', live)
    first.set('count', 1)
    expect([first.get('count'), first.version('count'), first.keys()]).toEqual([1, 1, ['count']])
    expect([store.read('a', 'count'), store.keys('a', '')]).toEqual([undefined, []])
    first.commit()
    const second = beginStateTransaction(store, 'a', live)
    expect([second.get('count'), second.version('count')]).toEqual([1, 1])
    second.delete('count')
    expect([second.get('count'), second.version('count'), second.keys()]).toEqual([undefined, 0, []])
    expect(beginStateTransaction(store, 'b', live).get('count')).toBeUndefined()
  })

  it('is refused when a document that it read has been written since, unless it does not write it', () => {
    const store = createStateStore()
    const reads = beginStateTransaction(store, 'a', live)
    const overwrites = beginStateTransaction(store, 'a', live)
    reads.get('count')
    reads.set('other', 1)
    reads.assertUnchanged()
    overwrites.set('count', 1)
    overwrites.assertUnchanged()
    overwrites.commit()
    reads.assertUnchanged()
    reads.set('count', 2)
    expect(() => reads.assertUnchanged()).toThrow(
      expect.objectContaining({ code: 'STATE_CONFLICT', retryability: 'retryable' }),
    )
  })

  it('refuses a value without a JSON form, naming agent and key', () => {
    const transaction = beginStateTransaction(createStateStore(), 'scout', live)
    transaction.set('seen', { big: 1n })
    expect(() => transaction.assertJson()).toThrow(/"seen" of agent scout/)
  })
})

describe('a state store', () => {
  it('comes back from the key-value store with its versions, page by page, for ids that begin alike', async () => {
    const storage = createStorageDouble()
    const store = createStateStore()
    for (let index = 0; index < 5; index += 1) store.write('a', `k/${index}`, { index })
    store.write('a', 'k/1', { index: 10 })
    store.write('a-2', 'k', 'other')
    store.write('a', 'gone', 1)
    store.write('a', 'gone', undefined)
    const opened = await storage.open({ clock: { now: () => 0 } })
    await opened.commit({ keyValue: store.takeUnsaved() })
    expect(store.takeUnsaved()).toEqual([])

    const loaded = createStateStore()
    await loaded.load(opened.keyValue)
    expect(loaded.keys('a', '')).toEqual(['k/0', 'k/1', 'k/2', 'k/3', 'k/4'])
    expect(loaded.read('a', 'k/1')).toEqual({ version: 2, value: { index: 10 } })
    expect(loaded.read('a-2', 'k')).toEqual({ version: 1, value: 'other' })
    expect(loaded.takeUnsaved()).toEqual([])
  })

  it('names the key of a document that it cannot read', async () => {
    const storage = createStorageDouble()
    storage.keyValues.set('state/a/k', '{"version":1,')
    const opened = await storage.open({ clock: { now: () => 0 } })
    await expect(createStateStore().load(opened.keyValue)).rejects.toMatchObject({
      code: 'STATE_UNREADABLE',
      message: expect.stringContaining('state/a/k'),
    })
  })

  it('saved and loaded, equals the store in memory after any writes', async () => {
    const write = fc.record({
      agent: fc.constantFrom('a', 'b'),
      key: fc.constantFrom('x', 'y/z', 'y'),
      value: fc.option(fc.integer(), { nil: undefined }),
      save: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(write), async (writes) => {
        const opened = await createStorageDouble().open({ clock: { now: () => 0 } })
        const store = createStateStore()
        for (const { agent, key, value, save } of writes) {
          store.write(agent, key, value)
          if (save) await opened.commit({ keyValue: store.takeUnsaved() })
        }
        await opened.commit({ keyValue: store.takeUnsaved() })
        const loaded = createStateStore()
        await loaded.load(opened.keyValue)
        for (const agent of ['a', 'b']) {
          expect(loaded.keys(agent, '')).toEqual(store.keys(agent, ''))
          for (const key of store.keys(agent, '')) expect(loaded.read(agent, key)).toEqual(store.read(agent, key))
        }
      }),
    )
  })
})
