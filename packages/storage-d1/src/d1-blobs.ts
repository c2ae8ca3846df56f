import { sha256Hex, storageCorrupt, type WriteBatch, wellFormed } from '@tradeswarm/core'
import type { KvNamespaceBinding, R2BucketBinding } from './bindings.js'
import { storageError } from './d1-errors.js'
import type { Database, Statement } from './database.js'
import { packRows } from './pack-rows.js'

/** Where the texts of blobs lie. */
export type BlobPlace = {
  readonly bucket: R2BucketBinding
  /** What error messages call the bucket. */
  readonly bucketName: string
  readonly cache: KvNamespaceBinding | undefined
  readonly cacheTtlSeconds: number
  readonly keyPrefix: string
}

/** A Worker may have so many connections open at once. */
const mostPutsAtOnce = 6

/**
 * A text by its hash. The database says whether it is there, so what was erased is never served from a cache that does
 * not know it yet. Throws `STORAGE_CORRUPT` when the bucket has lost it or holds another text.
 */
export async function blobText(database: Database, place: BlobPlace, hash: string): Promise<string | undefined> {
  const row = await database.row('SELECT hash FROM swarm_blobs WHERE hash = ? AND erasing = 0', hash)
  if (row === undefined) return undefined
  const cached = await readCache(place, hash)
  if (cached !== undefined && sha256Hex(cached) === hash) return cached
  const text = await fromBucket(place, async () => (await place.bucket.get(place.keyPrefix + hash))?.text())
  database.assertOpen()
  if (text === undefined) throw storageCorrupt(place.bucketName, `blob ${hash} is gone`, { table: 'blobs', key: hash })
  if (sha256Hex(text) !== hash)
    throw storageCorrupt(place.bucketName, `blob ${hash} holds another text`, { table: 'blobs', key: hash })
  await writeCache(place, hash, text)
  return text
}

/** Puts texts that were checked to have their hashes. They show only once the database names them. */
export async function putBlobs(place: BlobPlace, blobs: NonNullable<WriteBatch['blobs']>): Promise<void> {
  const texts = [...new Map(blobs.map(({ hash, text }) => [hash, text]))]
  for (let start = 0; start < texts.length; start += mostPutsAtOnce) {
    await Promise.all(
      texts
        .slice(start, start + mostPutsAtOnce)
        // The bucket checks the hash of what arrives.
        .map(([hash, text]) =>
          toBucket(place, () => place.bucket.put(place.keyPrefix + hash, wellFormed(text), { sha256: hash })),
        ),
    )
  }
}

/** Names blobs that lie in the bucket. */
export function blobStatements(blobs: NonNullable<WriteBatch['blobs']>): Statement[] {
  return packRows([...new Set(blobs.map(({ hash }) => hash))].map((hash) => [hash])).map((chunk) => ({
    sql: `INSERT INTO swarm_blobs (hash, erasing) SELECT value->>0, 0 FROM json_each(?) WHERE true
  ON CONFLICT (hash) DO UPDATE SET erasing = 0 WHERE erasing = 1`,
    values: [chunk],
  }))
}

/**
 * Erases a text: from then on it is not found, and once this returns it lies neither in the bucket nor in the cache's
 * store. Copies of the cache at other locations live up to 60 s longer, unread. What a crash interrupts is done at the next open.
 */
export async function eraseBlob(database: Database, place: BlobPlace, hash: string): Promise<void> {
  await database.write([{ sql: 'UPDATE swarm_blobs SET erasing = 1 WHERE hash = ?', values: [hash] }])
  await toBucket(place, () => place.bucket.delete(place.keyPrefix + hash))
  if (place.cache !== undefined) await toBucket(place, () => place.cache?.delete(place.keyPrefix + hash))
  await database.write([{ sql: 'DELETE FROM swarm_blobs WHERE hash = ? AND erasing = 1', values: [hash] }])
}

/** Finishes erasures that were begun. */
export async function finishErasures(database: Database, place: BlobPlace): Promise<void> {
  for (const { hash } of await database.rows('SELECT hash FROM swarm_blobs WHERE erasing = 1')) {
    await eraseBlob(database, place, hash as string)
  }
}

async function readCache({ cache, keyPrefix }: BlobPlace, hash: string): Promise<string | undefined> {
  // A cache that cannot be read costs time, nothing else.
  return (await cache?.get(keyPrefix + hash).catch(() => null)) ?? undefined
}

async function writeCache({ cache, cacheTtlSeconds, keyPrefix }: BlobPlace, hash: string, text: string): Promise<void> {
  await cache?.put(keyPrefix + hash, text, { expirationTtl: cacheTtlSeconds }).catch(() => undefined)
}

async function fromBucket<Result>({ bucketName }: BlobPlace, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw storageError(error, bucketName, 'read')
  }
}

/** Puts and deletes come to the same when they are made again, so a failed one is as retryable as a read. */
async function toBucket(place: BlobPlace, work: () => Promise<unknown> | undefined): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw storageError(error, place.bucketName, 'put')
  }
}
