import { evictDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { createD1Storage } from '@tradeswarm/storage-d1'
import { expect, test } from 'vitest'

test('a swarm in a Durable Object finds its state after the object was evicted', async () => {
  const stub = env.SWARM.getByName('main')
  const send = async (path: string, method = 'POST'): Promise<number> => {
    const response = await exports.default.fetch(`http://swarm${path}`, { method })
    await response.text()
    return response.status
  }
  expect([await send('/a'), await send('/b'), await send('/', 'DELETE')]).toEqual([202, 202, 200])
  await evictDurableObject(stub)
  expect([await send('/a'), await send('/', 'DELETE')]).toEqual([202, 200])

  // Another Worker reads beside the object.
  const reader = createD1Storage({ database: env.DATABASE, blobs: env.BLOBS, readOnly: true })
  const storage = await reader.open({ clock: { now: () => 0 } })
  const documents = await storage.keyValue.list({ prefix: 'state/visits/' })
  expect(documents.map(({ key, value }) => [key, JSON.parse(value)])).toEqual([
    ['state/visits//a', { version: 2, value: 2 }],
    ['state/visits//b', { version: 1, value: 1 }],
  ])
  await storage.close()
})
