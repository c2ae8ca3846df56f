import {
  type Clock,
  checkWriteBatch,
  duplicateJournalId,
  type JournalEntry,
  type JournalReadOptions,
  type ResolvedJournalRead,
  resolveJournalRead,
  resolveList,
  resolveQuery,
  resolveWhere,
  type Storage,
  type StorageDefinition,
  storageClosed,
  type WriteBatch,
  wellFormed,
} from '@tradeswarm/core'
import { MemoryJournal } from './memory-journal.js'
import { MemoryKeyValue } from './memory-key-value.js'
import { MemoryCollection } from './memory-records.js'

const place = 'the memory storage'

/**
 * A storage that lives as long as its definition: each `open` of one definition sees the same data, so that a swarm can
 * stop and start again on it. Texts are kept as UTF-8 would hold them; what is read is frozen.
 */
export function createMemoryStorage(): StorageDefinition {
  const data = new MemoryData()
  return { name: 'memory', open: async ({ clock }) => openMemoryStorage(data, clock) }
}

/** What all openings of one definition share. */
class MemoryData {
  readonly journal = new MemoryJournal()
  readonly keyValue = new MemoryKeyValue()
  readonly collections = new Map<string, MemoryCollection>()
  readonly blobs = new Map<string, string>()

  collection(name: string): MemoryCollection | undefined {
    return this.collections.get(wellFormed(name))
  }

  /** Everything that can fail comes before the first write, so that a batch takes effect whole or not at all. */
  commit(batch: WriteBatch, now: number): void {
    const entries = batch.journal ?? []
    checkWriteBatch(batch, this.journal.head(), { place })
    for (const { id } of entries) if (this.journal.has(id)) throw duplicateJournalId(place, id)
    this.keyValue.check(batch.keyValue ?? [], now, place)

    this.journal.append(entries)
    for (const { consumer, sequence } of batch.cursors ?? []) this.journal.moveCursor(consumer, sequence)
    this.keyValue.apply(batch.keyValue ?? [], now)
    for (const { collection, record } of batch.records ?? []) this.#collectionFor(wellFormed(collection)).put(record)
    for (const { hash, text } of batch.blobs ?? []) this.blobs.set(hash, wellFormed(text))
  }

  #collectionFor(name: string): MemoryCollection {
    const collection = this.collections.get(name) ?? new MemoryCollection()
    this.collections.set(name, collection)
    return collection
  }
}

function openMemoryStorage(data: MemoryData, clock: Clock): Storage {
  let closed = false
  const opened = (): MemoryData => {
    if (closed) throw storageClosed(place)
    return data
  }
  return {
    journal: {
      head: async () => opened().journal.head(),
      get: async (id) => opened().journal.get(id),
      cursor: async (consumer) => opened().journal.cursor(consumer),
      read: (options) => readJournal(opened, options),
    },
    keyValue: {
      get: async (key) => opened().keyValue.get(key, clock.now()),
      list: async (options) => opened().keyValue.list(resolveList(options), clock.now()),
    },
    records: {
      get: async (collection, id) => opened().collection(collection)?.get(id),
      query: async (collection, options) => opened().collection(collection)?.query(resolveQuery(options)) ?? [],
      count: async (collection, where) => opened().collection(collection)?.count(resolveWhere(where)) ?? 0,
    },
    blobs: {
      get: async (hash) => opened().blobs.get(hash),
      delete: async (hash) => void opened().blobs.delete(hash),
    },
    commit: async (batch) => opened().commit(batch, clock.now()),
    close: async () => {
      closed = true
    },
  }
}

/** The end of the read is fixed at the call, not at the first entry taken. */
function readJournal(opened: () => MemoryData, options: JournalReadOptions | undefined): AsyncIterable<JournalEntry> {
  const read = resolveJournalRead(options, opened().journal.head().sequence)
  return entriesOf(opened, read)
}

async function* entriesOf(opened: () => MemoryData, read: ResolvedJournalRead): AsyncGenerator<JournalEntry> {
  const kinds = read.kinds === undefined ? undefined : new Set(read.kinds.map(wellFormed))
  let entry = opened().journal.next(read, kinds, read.from)
  while (entry !== undefined) {
    yield entry
    entry = opened().journal.next(read, kinds, entry.sequence + 1)
  }
}
