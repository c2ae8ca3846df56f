import { emptyJournalHead } from '@tradeswarm/core'
import { storageContract } from '@tradeswarm/testing'
import { describe, expect, test } from 'vitest'
import { createMemoryStorage } from './create-memory-storage.js'

storageContract('memory', { create: async () => ({ definition: createMemoryStorage() }), durable: false })

describe('createMemoryStorage', () => {
  const clock = { now: () => 0 }

  test('two openings of one definition see the same data, and closing one leaves the other open', async () => {
    const definition = createMemoryStorage()
    const [one, other] = [await definition.open({ clock }), await definition.open({ clock })]
    await one.commit({ keyValue: [{ key: 'a', value: 'x' }] })
    await one.close()
    expect((await other.keyValue.get('a'))?.value).toBe('x')
  })

  test('a definition of its own is empty', async () => {
    const storage = await createMemoryStorage().open({ clock })
    expect(await storage.journal.head()).toEqual(emptyJournalHead)
  })

  test('what is read cannot be changed', async () => {
    const storage = await createMemoryStorage().open({ clock })
    await storage.commit({
      records: [{ collection: 'c', record: { id: 'a', time: 1, tags: { tag: 'x' }, text: '{}' } }],
    })
    const record = await storage.records.get('c', 'a')
    expect(() => Object.assign(record?.tags ?? {}, { tag: 'y' })).toThrow(TypeError)
  })
})
