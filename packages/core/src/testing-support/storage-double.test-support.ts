import { emptyJournalHead, type JournalEntry } from '../storage/journal.js'
import type { QueryRecord } from '../storage/query-store.js'
import type { Storage, StorageDefinition, WriteBatch } from '../storage/storage.js'

/** The least that a swarm needs of a storage, with switches for the faults that a test wants. It outlives the swarms that open it. */
export type StorageDouble = StorageDefinition & {
  readonly entries: JournalEntry[]
  readonly keyValues: Map<string, string>
  readonly records: { collection: string; record: QueryRecord }[]
  readonly batches: WriteBatch[]
  readonly blobs: Map<string, string>
  readonly cursors: Map<string, number>
  closed: number
  /** Called before each commit; what it throws, or a promise that it returns, is the commit's fate. */
  beforeCommit: ((batch: WriteBatch) => void | Promise<void>) | undefined
  /** Called with each entry before the journal yields it; what it throws, the read throws. */
  beforeRead: ((entry: JournalEntry) => void) | undefined
  /** Called when it is closed; what it throws, the close throws. */
  beforeClose: (() => void) | undefined
}

export function createStorageDouble(): StorageDouble {
  const double: StorageDouble = {
    name: 'double',
    entries: [],
    keyValues: new Map(),
    records: [],
    batches: [],
    blobs: new Map(),
    cursors: new Map(),
    closed: 0,
    beforeCommit: undefined,
    beforeRead: undefined,
    beforeClose: undefined,
    open: async () => openDouble(double),
  }
  return double
}

function openDouble(double: StorageDouble): Storage {
  return {
    journal: {
      head: async () => double.entries.at(-1) ?? emptyJournalHead,
      get: async (id) => double.entries.find((entry) => entry.id === id),
      async *read({ from = 1, to = double.entries.length, kinds } = {}) {
        for (const entry of double.entries.slice(from - 1, to)) {
          if (kinds !== undefined && !kinds.includes(entry.kind)) continue
          double.beforeRead?.(entry)
          yield entry
        }
      },
      cursor: async (consumer) => double.cursors.get(consumer) ?? 0,
      cursors: async () => [...double.cursors].map(([consumer, sequence]) => ({ consumer, sequence })),
      first: async () => 1,
      segments: async () => [],
    },
    keyValue: {
      async get(key) {
        const value = double.keyValues.get(key)
        return value === undefined ? undefined : { key, value, revision: 1 }
      },
      list: async ({ prefix, after = '', limit = 2 }) =>
        [...double.keyValues]
          .filter(([key]) => key.startsWith(prefix) && key > after)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .slice(0, limit)
          .map(([key, value]) => ({ key, value, revision: 1 })),
    },
    records: {
      get: async (collection, id) => recordsOf(double, collection).findLast((record) => record.id === id),
      query: async (collection, { where = {}, after, limit = 1_000 } = {}) =>
        recordsOf(double, collection)
          .filter((record) => Object.entries(where).every(([tag, value]) => record.tags[tag] === value))
          .sort(byTimeAndId)
          .filter((record) => after === undefined || byTimeAndId(record, after) > 0)
          .slice(0, limit),
      count: async (collection) => recordsOf(double, collection).length,
    },
    blobs: { get: async (hash) => double.blobs.get(hash), delete: async (hash) => void double.blobs.delete(hash) },
    async commit(batch) {
      await double.beforeCommit?.(batch)
      double.batches.push(batch)
      double.entries.push(...(batch.journal ?? []))
      for (const { consumer, sequence } of batch.cursors ?? []) {
        if (sequence === undefined) double.cursors.delete(consumer)
        else double.cursors.set(consumer, sequence)
      }
      double.records.push(...(batch.records ?? []))
      for (const { hash, text } of batch.blobs ?? []) double.blobs.set(hash, text)
      for (const { key, value } of batch.keyValue ?? []) {
        if (value === undefined) double.keyValues.delete(key)
        else double.keyValues.set(key, value)
      }
    },
    async close() {
      double.beforeClose?.()
      double.closed += 1
    },
  }
}

/** The records of a collection as they stand now. */
function recordsOf(double: StorageDouble, collection: string): readonly QueryRecord[] {
  const latest = new Map<string, QueryRecord>()
  for (const each of double.records) if (each.collection === collection) latest.set(each.record.id, each.record)
  return [...latest.values()]
}

type Place = { readonly time: number; readonly id: string }

function byTimeAndId(a: Place, b: Place): number {
  if (a.time !== b.time) return a.time - b.time
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
