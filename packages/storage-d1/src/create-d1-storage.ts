import {
  type Clock,
  type JournalSource,
  readJournal,
  resolveJournalRead,
  resolveList,
  resolveQuery,
  resolveSegments,
  resolveWhere,
  type Storage,
  type StorageDefinition,
  SwarmError,
  storageClosed,
  type WriteBatch,
} from '@tradeswarm/core'
import type { D1DatabaseBinding, KvNamespaceBinding, R2BucketBinding } from './bindings.js'
import { type BlobPlace, blobText, eraseBlob, finishErasures } from './d1-blobs.js'
import { Committer } from './d1-committer.js'
import { checkedHead, storedHead } from './d1-head.js'
import { journalCursor, journalCursors, journalEntry, journalPage, journalSegments } from './d1-journal.js'
import { keyValueEntry, listKeyValue } from './d1-key-value.js'
import { countRecords, queryRecords, recordOf } from './d1-records.js'
import { Database } from './database.js'
import { assertMigrated, migrateDatabase } from './migrate.js'
import { createWriterId } from './system-writer-id.js'

/** The bindings of one swarm's storage. */
export type D1StorageOptions = {
  /** Journal, cursors, documents and records. */
  readonly database: D1DatabaseBinding
  /** The texts of blobs, under `blobPrefix`. */
  readonly blobs: R2BucketBinding
  /** Copies of blobs that were read, nearer to the reader. Blobs never change, so a stale copy is a true one. */
  readonly cache?: KvNamespaceBinding
  /** How long a copy stays, 60 at least; default 86,400, a day. */
  readonly cacheTtlSeconds?: number
  /** Begins the names of all blobs in bucket and cache: one for each database; default `blobs/`. */
  readonly blobPrefix?: string
  /** What error messages call the database and the bucket; default `the D1 database` and `the R2 bucket`. */
  readonly databaseName?: string
  readonly bucketName?: string
  /** Reads beside the writer; every write is refused with `STORAGE_READ_ONLY`, and nothing is migrated. */
  readonly readOnly?: boolean
}

const defaults = {
  cacheTtlSeconds: 86_400,
  blobPrefix: 'blobs/',
  databaseName: 'the D1 database',
  bucketName: 'the R2 bucket',
  readOnly: false,
}
/** The least `expirationTtl` that KV takes. */
const leastTtlSeconds = 60

type Resolved = typeof defaults & D1StorageOptions

/**
 * A storage on Cloudflare: D1, with R2 for blobs. `open` brings the schema up to date; of two that write to one database
 * the slower gets `JOURNAL_CONFLICT` from then on. Throws `INVALID_OPTION` here; `open` throws `STORAGE_VERSION` (a newer
 * schema), `STORAGE_CORRUPT` or `STORAGE_IO`.
 */
export function createD1Storage(options: D1StorageOptions): StorageDefinition {
  const resolved: Resolved = { ...defaults, ...options }
  assertOptions(resolved)
  return {
    name: 'd1',
    async open({ clock }) {
      const database = new Database(resolved.database, resolved.databaseName)
      const blobs: BlobPlace = {
        bucket: resolved.blobs,
        bucketName: resolved.bucketName,
        cache: resolved.cache,
        cacheTtlSeconds: resolved.cacheTtlSeconds,
        keyPrefix: resolved.blobPrefix,
      }
      if (resolved.readOnly) {
        await assertMigrated(database)
        return storageOn({ database, blobs, clock, committer: undefined })
      }
      await migrateDatabase(database)
      const head = await checkedHead(database)
      await finishErasures(database, blobs)
      const committer = new Committer({ database, blobs, clock, writerId: createWriterId() }, head)
      return storageOn({ database, blobs, clock, committer })
    },
  }
}

type Parts = {
  readonly database: Database
  readonly blobs: BlobPlace
  readonly clock: Clock
  /** None in a storage that only reads. */
  readonly committer: Committer | undefined
}

function storageOn({ database, blobs, clock, committer }: Parts): Storage {
  const source: JournalSource = {
    place: database.name,
    page: (read, from) => journalPage(database, read, from),
    segment: async (sequence) => (await journalSegments(database, { from: sequence, limit: 1 }))[0],
    blob: (hash) => blobText(database, blobs, hash),
    assertOpen: () => database.assertOpen(),
  }
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await committer?.enqueue(async () => undefined)
    database.close()
  }
  const writer = (): Committer => {
    if (closing !== undefined) throw storageClosed(database.name)
    if (committer !== undefined) return committer
    throw new SwarmError({
      code: 'STORAGE_READ_ONLY',
      message: `${database.name} was opened with readOnly and cannot be written`,
      context: { place: database.name },
    })
  }
  return {
    journal: {
      head: async () => (await storedHead(database)).journal,
      first: async () => (await storedHead(database)).archived.sequence + 1,
      get: (id) => journalEntry(database, source, id),
      cursor: (consumer) => journalCursor(database, consumer),
      cursors: () => journalCursors(database),
      segments: async (options) => journalSegments(database, resolveSegments(options)),
      read(options) {
        database.assertOpen()
        // The end is fixed at the call: by what this writer has committed, or by what the database says to a reader.
        const head = committer === undefined ? storedHead(database) : undefined
        head?.catch(() => undefined)
        const sequence = committer?.journalHead.sequence ?? Number.MAX_SAFE_INTEGER
        const read = resolveJournalRead(options, sequence)
        return (async function* () {
          const to = head === undefined ? read.to : Math.min(read.to, (await head).journal.sequence)
          yield* readJournal(source, { ...read, to })
        })()
      },
    },
    keyValue: {
      get: (key) => keyValueEntry(database, key, clock.now()),
      list: async (options) => listKeyValue(database, resolveList(options), clock.now()),
    },
    records: {
      get: (collection, id) => recordOf(database, collection, id),
      query: async (collection, query) => queryRecords(database, collection, resolveQuery(query)),
      count: async (collection, where) => countRecords(database, collection, resolveWhere(where)),
    },
    blobs: {
      get: (hash) => blobText(database, blobs, hash),
      // After the commits before it, so that none of them puts back what this takes away.
      delete: async (hash) => writer().enqueue(() => eraseBlob(database, blobs, hash)),
    },
    commit: async (batch: WriteBatch) => writer().commit(batch),
    close() {
      closing ??= close()
      return closing
    },
  }
}

function assertOptions(options: Resolved): void {
  const fault =
    faultOfBinding('database', 'a D1 database', options.database, ['prepare', 'batch']) ??
    faultOfBinding('blobs', 'an R2 bucket', options.blobs, ['get', 'put', 'delete']) ??
    (options.cache === undefined
      ? undefined
      : faultOfBinding('cache', 'a KV namespace', options.cache, ['get', 'put', 'delete'])) ??
    (Number.isSafeInteger(options.cacheTtlSeconds) && options.cacheTtlSeconds >= leastTtlSeconds
      ? undefined
      : `option cacheTtlSeconds is ${options.cacheTtlSeconds}; it must be a whole number from ${leastTtlSeconds}`)
  if (fault === undefined) return
  throw new SwarmError({ code: 'INVALID_OPTION', message: `createD1Storage: ${fault}` })
}

function faultOfBinding(
  option: string,
  what: string,
  binding: unknown,
  methods: readonly string[],
): string | undefined {
  const fits =
    typeof binding === 'object' &&
    binding !== null &&
    methods.every((method) => typeof (binding as Record<string, unknown>)[method] === 'function')
  return fits ? undefined : `option ${option} is not a binding of ${what}; name it in the Worker's configuration`
}
