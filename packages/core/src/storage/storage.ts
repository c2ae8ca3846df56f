import type { Clock } from '../time/clock.js'
import type { BlobStore } from './blob-store.js'
import type { Journal, JournalEntry, JournalSegment } from './journal.js'
import type { KeyValueStore } from './key-value-store.js'
import type { QueryRecord, QueryStore } from './query-store.js'

/** One write or delete of a key. */
export type KeyValueWrite = {
  readonly key: string
  /** The new value; absent deletes the key. */
  readonly value?: string
  /** The write needs this revision to be the stored one; 0 means that the key does not exist. */
  readonly ifRevision?: number
  /** The entry expires this long after the commit. */
  readonly ttlMs?: number
}

/** One move of a consumer's cursor. */
export type CursorWrite = {
  readonly consumer: string
  /** The new place, which may lie before the old one; absent forgets the consumer, so that it holds no archiving back. */
  readonly sequence?: number
}

/** Writes that take effect together or not at all. */
export type WriteBatch = {
  /** Entries that follow the head without a gap, hashes filled in. */
  readonly journal?: readonly JournalEntry[]
  readonly cursors?: readonly CursorWrite[]
  readonly keyValue?: readonly KeyValueWrite[]
  /** Put, or replace by id. */
  readonly records?: readonly { readonly collection: string; readonly record: QueryRecord }[]
  readonly blobs?: readonly { readonly hash: string; readonly text: string }[]
  /**
   * Moves the entries up to `to` out of the live journal. The blob with them is among {@link WriteBatch.blobs} and is
   * read before anything is removed. `archiveJournal` makes such batches.
   */
  readonly archive?: JournalSegment
}

/** The four stores of one swarm, with one atomic commit over all of them. */
export type Storage = {
  readonly journal: Journal
  readonly keyValue: KeyValueStore
  readonly records: QueryStore
  readonly blobs: BlobStore
  /**
   * Writes a batch atomically and durably.
   * Throws `JOURNAL_CONFLICT` when the entries do not follow the head, `REVISION_CONFLICT` when a revision differs,
   * `DUPLICATE_JOURNAL_ID` when an entry's id is in the journal already, `ARCHIVE_CONFLICT` when a segment does not
   * follow what is archived; then nothing is written. `STORAGE_FULL` and `STORAGE_BUSY` are retryable: nothing was
   * written, and the same batch may be committed again. After an unknown outcome ask `isBatchWritten` first.
   */
  commit(batch: WriteBatch): Promise<void>
  /** Further calls throw `STORAGE_CLOSED`. Closing twice is allowed. */
  close(): Promise<void>
}

/** An inert description of a storage; the swarm opens it with its clock. */
export type StorageDefinition = {
  readonly name: string
  open(context: { readonly clock: Clock }): Promise<Storage>
}
