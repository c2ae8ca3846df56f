import type { Message } from '../messages/message.js'
import type { EntryDraft, JournalEntry, JournalHead } from '../storage/journal.js'
import type { QueryRecord } from '../storage/query-store.js'
import type { CursorWrite, KeyValueWrite, WriteBatch } from '../storage/storage.js'

/** What the next commit will write. */
export type PendingBatch = {
  readonly journal: readonly JournalEntry[]
  readonly cursors: CursorWrite[]
  readonly records: { collection: string; record: QueryRecord }[]
  readonly blobs: { hash: string; text: string }[]
  readonly keyValue: KeyValueWrite[]
}

/** Its entries are numbered as they come, and hashed when they are to be written. */
export type Pending = PendingBatch & {
  readonly drafts: EntryDraft[]
  journal: readonly JournalEntry[]
  readonly messages: Message[]
  ownIds: Set<string> | undefined
}

export function writeBatchOf({ journal, cursors, records, blobs, keyValue }: Pending): WriteBatch {
  return { journal, cursors, records, blobs, keyValue }
}

export function emptyPending(): Pending {
  return { drafts: [], journal: [], cursors: [], records: [], blobs: [], keyValue: [], messages: [], ownIds: undefined }
}

export function isEmpty({ drafts, cursors, records, blobs, keyValue, messages }: Pending): boolean {
  return (
    drafts.length === 0 &&
    cursors.length === 0 &&
    records.length === 0 &&
    blobs.length === 0 &&
    keyValue.length === 0 &&
    messages.length === 0
  )
}

export function headAfter(entries: readonly JournalEntry[], head: JournalHead): JournalHead {
  const last = entries.at(-1)
  return last === undefined ? head : { sequence: last.sequence, hash: last.hash }
}
