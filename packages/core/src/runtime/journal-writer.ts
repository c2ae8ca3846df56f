import { canonicalJson } from '../encoding/canonical-json.js'
import { SwarmError } from '../errors/swarm-error.js'
import { chainHash, type JournalEntry, type JournalHead } from '../storage/journal.js'
import type { QueryRecord } from '../storage/query-store.js'
import type { KeyValueWrite, Storage, WriteBatch } from '../storage/storage.js'
import type { EpochMs } from '../time/clock.js'

/** A journal entry before it has its number and hash. The payload is plain JSON. */
export type JournalDraft = {
  readonly id: string
  readonly kind: string
  readonly time: EpochMs
  readonly payload: unknown
}

/** The one writer of a swarm's storage: it numbers and chains entries as they come and commits them in that order. */
export type JournalWriter = {
  /** Adds an entry; its number and hash are final. It is durable after the next {@link JournalWriter.flush}. */
  append(draft: JournalDraft): JournalEntry
  /** As `append`, with canonical JSON that was made before. */
  appendText(entry: Omit<JournalEntry, 'sequence' | 'hash'>): JournalEntry
  putRecord(collection: string, record: QueryRecord): void
  putBlob(hash: string, text: string): void
  putKeyValue(write: KeyValueWrite): void
  /** The head with everything appended so far. */
  head(): JournalHead
  /** Commits whatever is pending. Calls that come during a commit share the next one. After a failure every call throws `JOURNAL_FAILED`. */
  flush(): Promise<void>
  /** Throws `JOURNAL_FAILED` once a commit has failed. */
  assertSound(): void
  isSound(): boolean
}

type Pending = {
  journal: JournalEntry[]
  records: { collection: string; record: QueryRecord }[]
  blobs: { hash: string; text: string }[]
  keyValue: KeyValueWrite[]
}

/** `onFailure` is called once, with what the storage threw: from then on the journal cannot be trusted. */
export function createJournalWriter(
  storage: Storage,
  start: JournalHead,
  onFailure?: (error: unknown) => void,
): JournalWriter {
  let head = start
  let pending = emptyPending()
  let committing: Promise<void> = Promise.resolve()
  let queued: Promise<void> | undefined
  let failure: { readonly cause: unknown } | undefined

  const assertSound = (): void => {
    if (failure === undefined) return
    throw new SwarmError({
      code: 'JOURNAL_FAILED',
      message: 'the journal could not be written, so nothing more is accepted; mend the storage and start again',
      cause: failure.cause,
    })
  }

  const commitPending = async (): Promise<void> => {
    queued = undefined
    assertSound()
    if (isEmpty(pending)) return
    const batch: WriteBatch = pending
    pending = emptyPending()
    try {
      await storage.commit(batch)
    } catch (error) {
      failure = { cause: error }
      onFailure?.(error)
      throw error
    }
  }

  const appendText: JournalWriter['appendText'] = ({ id, kind, time, text }) => {
    assertSound()
    const entry = { sequence: head.sequence + 1, id, kind, time, text }
    const hashed: JournalEntry = { ...entry, hash: chainHash(head.hash, entry) }
    pending.journal.push(hashed)
    head = { sequence: hashed.sequence, hash: hashed.hash }
    return hashed
  }

  return {
    append: ({ id, kind, time, payload }) => appendText({ id, kind, time, text: canonicalJson(payload) }),
    appendText,
    putRecord(collection, record) {
      assertSound()
      pending.records.push({ collection, record })
    },
    putBlob(hash, text) {
      assertSound()
      pending.blobs.push({ hash, text })
    },
    putKeyValue(write) {
      assertSound()
      pending.keyValue.push(write)
    },
    assertSound,
    isSound: () => failure === undefined,
    head: () => head,
    flush() {
      if (failure === undefined && isEmpty(pending)) return committing
      queued ??= committing.catch(() => undefined).then(commitPending)
      committing = queued
      return queued
    },
  }
}

function emptyPending(): Pending {
  return { journal: [], records: [], blobs: [], keyValue: [] }
}

function isEmpty(pending: Pending): boolean {
  return (
    pending.journal.length === 0 &&
    pending.records.length === 0 &&
    pending.blobs.length === 0 &&
    pending.keyValue.length === 0
  )
}
