import { env } from 'cloudflare:workers'
import { sha256Hex } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import { createD1Storage } from './create-d1-storage.js'
import { clock, expectFailure, openStorage, testPlace } from './testing-support/open-place.test-support.js'

const text = 'the words of a post'
const hash = sha256Hex(text)

describe('blobs', () => {
  test('lie in the bucket under their hash, and none of a failed batch can be read', async () => {
    const place = testPlace()
    const storage = await openStorage(place)
    await expectFailure('REVISION_CONFLICT', '"k"', () =>
      storage.commit({ blobs: [{ hash, text }], keyValue: [{ key: 'k', value: 'v', ifRevision: 3 }] }),
    )
    expect(await storage.blobs.get(hash)).toBeUndefined()
    await storage.commit({ blobs: [{ hash, text }] })
    expect(await (await env.BLOBS.get(`${place.blobPrefix}${hash}`))?.text()).toBe(text)
  })

  test('an altered or a lost one is named', async () => {
    const place = testPlace()
    const storage = await openStorage(place)
    await storage.commit({ blobs: [{ hash, text }] })
    await env.BLOBS.put(`${place.blobPrefix}${hash}`, 'other words')
    await expectFailure('STORAGE_CORRUPT', `blob ${hash} holds another text`, () => storage.blobs.get(hash))
    await env.BLOBS.delete(`${place.blobPrefix}${hash}`)
    await expectFailure('STORAGE_CORRUPT', `BLOBS is damaged: blob ${hash} is gone`, () => storage.blobs.get(hash))
  })

  test('an erased one is in neither bucket nor cache', async () => {
    const place = { ...testPlace(), cache: env.CACHE }
    const storage = await openStorage(place)
    await storage.commit({ blobs: [{ hash, text }] })
    await storage.blobs.get(hash)
    expect(await env.CACHE.get(`${place.blobPrefix}${hash}`)).toBe(text)
    await storage.blobs.delete(hash)
    expect(await env.CACHE.get(`${place.blobPrefix}${hash}`)).toBeNull()
    expect(await env.BLOBS.head(`${place.blobPrefix}${hash}`)).toBeNull()
    expect(await storage.blobs.get(hash)).toBeUndefined()
  })

  test('an erasure that a crash cut short is not seen any more, and done at the next open', async () => {
    const place = testPlace()
    const fails = { ...place, blobs: withoutDelete(place.blobs) }
    const storage = await createD1Storage(fails).open({ clock })
    await storage.commit({ blobs: [{ hash, text }] })
    const error = await expectFailure('STORAGE_IO', 'BLOBS could not be written', () => storage.blobs.delete(hash))
    expect(error.retryability).toBe('retryable')
    expect(await storage.blobs.get(hash)).toBeUndefined()
    await storage.close()
    expect(await env.BLOBS.head(`${place.blobPrefix}${hash}`)).not.toBeNull()
    const again = await openStorage(place)
    expect(await env.BLOBS.head(`${place.blobPrefix}${hash}`)).toBeNull()
    await again.commit({ blobs: [{ hash, text }] })
    expect(await again.blobs.get(hash)).toBe(text)
  })

  test('one that is being erased and put again is there', async () => {
    const place = testPlace()
    const storage = await openStorage(place)
    await storage.commit({ blobs: [{ hash, text }] })
    const erased = storage.blobs.delete(hash)
    await storage.commit({ blobs: [{ hash, text }] })
    await erased
    expect(await storage.blobs.get(hash)).toBe(text)
  })

  test('a bucket that cannot be written fails the commit before anything is in the database', async () => {
    const place = testPlace()
    const blobs = { ...withoutDelete(place.blobs), put: async () => Promise.reject(new Error('put: 10001')) }
    const storage = await openStorage({ ...place, blobs })
    const error = await expectFailure('STORAGE_IO', 'BLOBS could not be written', () =>
      storage.commit({ blobs: [{ hash, text }], keyValue: [{ key: 'k', value: 'v' }] }),
    )
    expect(error.retryability).toBe('retryable')
    expect(await storage.keyValue.get('k')).toBeUndefined()
    await storage.commit({ keyValue: [{ key: 'k', value: 'v' }] })
  })
})

describe('the cache', () => {
  test('serves what was read before, is not believed when it is wrong, and may fail', async () => {
    const place = testPlace()
    let reads = 0
    const blobs = {
      ...withoutDelete(place.blobs),
      get: (key: string) => {
        reads += 1
        return place.blobs.get(key)
      },
    }
    const storage = await openStorage({ ...place, blobs, cache: env.CACHE })
    await storage.commit({ blobs: [{ hash, text }] })
    for (let round = 0; round < 3; round += 1) expect(await storage.blobs.get(hash)).toBe(text)
    expect(reads).toBe(1)
    await env.CACHE.put(`${place.blobPrefix}${hash}`, 'other words')
    expect(await storage.blobs.get(hash)).toBe(text)
    expect(reads).toBe(2)
    const broken = async () => Promise.reject(new Error('KV is down'))
    const without = await openStorage({
      ...place,
      blobs,
      readOnly: true,
      cache: { get: broken, put: broken, delete: broken },
    })
    expect(await without.blobs.get(hash)).toBe(text)
  })
})

function withoutDelete(bucket: ReturnType<typeof testPlace>['blobs']): ReturnType<typeof testPlace>['blobs'] {
  return {
    get: (key) => bucket.get(key),
    put: (key, value, options) => bucket.put(key, value, options),
    delete: async () => Promise.reject(new Error('delete: 10001')),
  }
}
