import {
  archivedEntry,
  type Clock,
  checkWriteBatch,
  type JournalEntry,
  type JournalSource,
  readJournal,
  resolveJournalRead,
  resolveList,
  resolveQuery,
  resolveSegments,
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

  /** Everything that can fail comes before the first write, or takes it back, so that a batch takes effect whole or not at all. */
  commit(batch: WriteBatch, now: number): void {
    const entries = batch.journal ?? []
    checkWriteBatch(batch, this.journal.head(), { place, archived: this.journal.archived, findsIdsTwice: true })
    this.journal.append(entries, place)
    try {
      if (batch.archive !== undefined) this.journal.checkArchive(batch.archive, place)
      this.keyValue.check(batch.keyValue ?? [], now, place)
    } catch (thrown) {
      this.journal.takeBack(entries)
      throw thrown
    }

    if (batch.archive !== undefined) this.journal.archive(batch.archive)
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
      head: async () => {
        const { sequence, hash } = opened().journal.head()
        return { sequence, hash }
      },
      first: async () => opened().journal.first,
      get: (id) => getEntry(opened, id),
      cursor: async (consumer) => opened().journal.cursor(consumer),
      cursors: async () => opened().journal.cursors(),
      segments: async (options) => opened().journal.segments(resolveSegments(options)),
      // The end of the read is fixed at the call, not at the first entry taken.
      read: (options) => {
        const read = resolveJournalRead(options, opened().journal.head().sequence)
        return readJournal(sourceOf(opened, read.kinds), read)
      },
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

async function getEntry(opened: () => MemoryData, id: string): Promise<JournalEntry | undefined> {
  const { journal } = opened()
  const sequence = journal.sequenceOf(id)
  if (sequence === undefined) return undefined
  return journal.live(sequence) ?? archivedEntry(sourceOf(opened), sequence, wellFormed(id))
}

function sourceOf(opened: () => MemoryData, kindsRead?: readonly string[]): JournalSource {
  const kinds = kindsRead === undefined ? undefined : new Set(kindsRead)
  return {
    place,
    page: (read, from) => opened().journal.page(read, kinds, from),
    segment: (sequence) => opened().journal.segment(sequence),
    blob: (hash) => opened().blobs.get(hash),
    assertOpen: opened,
  }
}
