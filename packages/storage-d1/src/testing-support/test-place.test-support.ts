import { env } from 'cloudflare:workers'
import type { D1DatabaseBinding } from '../bindings.js'
import type { D1StorageOptions } from '../create-d1-storage.js'
import { createWriterId } from '../system-writer-id.js'

const free: D1DatabaseBinding[] = [env.DATABASE_1, env.DATABASE_2, env.DATABASE_3]

/** An empty database and a corner of the bucket for one test; `release` empties the database for the next. */
export type TestPlace = { readonly options: D1StorageOptions; release(): Promise<void> }

/** Takes one of three databases: a test uses two of them at most. */
export function takePlace(): TestPlace {
  const database = free.shift()
  if (database === undefined) throw new Error('every test database is in use: release one')
  return {
    options: {
      database,
      blobs: env.BLOBS,
      blobPrefix: `${createWriterId()}/`,
      databaseName: 'DATABASE',
      bucketName: 'BLOBS',
    },
    async release() {
      const { results } = await database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'")
        .all<{ name: string }>()
      if (results.length > 0) await database.batch(results.map(({ name }) => database.prepare(`DROP TABLE ${name}`)))
      free.push(database)
    },
  }
}
