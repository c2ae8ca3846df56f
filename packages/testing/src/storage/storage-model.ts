import {
  emptyJournalHead,
  type JournalEntry,
  type JournalHead,
  type KeyValueEntry,
  type QueryOptions,
  type QueryRecord,
  type WriteBatch,
} from '@tradeswarm/core'

type Timed = KeyValueEntry & { readonly expiresAt: number }

const encoder = new TextEncoder()

/** Compares texts by their UTF-8 bytes, the slow and certain way. */
function compareBytes(left: string, right: string): number {
  return Buffer.compare(encoder.encode(left), encoder.encode(right))
}

/** What a storage holds, kept in the plainest way: lists that are searched from end to end. */
export class StorageModel {
  journal: JournalEntry[] = []
  cursors: Record<string, number> = {}
  keyValue: Timed[] = []
  records: { collection: string; record: QueryRecord }[] = []
  blobs: Record<string, string> = {}

  head(): JournalHead {
    const last = this.journal.at(-1)
    return last === undefined ? emptyJournalHead : { sequence: last.sequence, hash: last.hash }
  }

  /** The code of the error that the batch must fail with, or undefined when it was applied. */
  commit(batch: WriteBatch, now: number): string | undefined {
    for (const { id } of batch.journal ?? [])
      if (this.journal.some((entry) => entry.id === id)) return 'DUPLICATE_JOURNAL_ID'
    let keyValue = this.keyValue.filter(({ expiresAt }) => expiresAt > now)
    for (const { key, value, ifRevision, ttlMs } of batch.keyValue ?? []) {
      const revision = keyValue.find((entry) => entry.key === key)?.revision ?? 0
      if (ifRevision !== undefined && ifRevision !== revision) return 'REVISION_CONFLICT'
      keyValue = keyValue.filter((entry) => entry.key !== key)
      const expiresAt = ttlMs === undefined ? Number.POSITIVE_INFINITY : now + ttlMs
      if (value !== undefined) keyValue.push({ key, value, revision: revision + 1, expiresAt })
    }
    this.keyValue = keyValue
    this.journal.push(...(batch.journal ?? []))
    for (const { consumer, sequence } of batch.cursors ?? []) {
      if (sequence === undefined) delete this.cursors[consumer]
      else this.cursors[consumer] = sequence
    }
    for (const write of batch.records ?? []) {
      this.records = this.records.filter(
        (one) => one.collection !== write.collection || one.record.id !== write.record.id,
      )
      this.records.push(write)
    }
    for (const { hash, text } of batch.blobs ?? []) this.blobs[hash] = text
    return undefined
  }

  list(prefix: string, after: string | undefined, limit: number, now: number): KeyValueEntry[] {
    return this.keyValue
      .filter(
        ({ key, expiresAt }) =>
          expiresAt > now && key.startsWith(prefix) && (after === undefined || compareBytes(key, after) > 0),
      )
      .sort((left, right) => compareBytes(left.key, right.key))
      .slice(0, limit)
      .map(({ key, value, revision }) => ({ key, value, revision }))
  }

  query(
    collection: string,
    { where = {}, fromTime, toTime, order, after, limit = 1_000 }: QueryOptions,
  ): QueryRecord[] {
    const direction = order === 'descending' ? -1 : 1
    const compare = (left: Pick<QueryRecord, 'time' | 'id'>, right: Pick<QueryRecord, 'time' | 'id'>): number =>
      direction * (left.time - right.time || compareBytes(left.id, right.id))
    return this.records
      .filter((one) => one.collection === collection)
      .map(({ record }) => record)
      .filter(({ tags }) => Object.entries(where).every(([tag, value]) => tags[tag] === value))
      .filter(({ time }) => time >= (fromTime ?? time) && time <= (toTime ?? time))
      .filter((record) => after === undefined || compare(record, after) > 0)
      .sort(compare)
      .slice(0, limit)
  }
}
