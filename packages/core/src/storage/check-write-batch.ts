import { sha256Hex } from '../encoding/sha256.js'
import { SwarmError } from '../errors/swarm-error.js'
import { chainHash, type JournalEntry, type JournalHead } from './journal.js'
import type { WriteBatch } from './storage.js'

/** What a check needs to know of the storage: its name for errors, and a quicker SHA-256 if it has one. */
export type WriteBatchCheckOptions = {
  /** What error messages call the storage: its file, or `the memory storage`. */
  readonly place: string
  /** SHA-256 in lower-case hex; a faster one than the default where the platform has it. */
  readonly sha256?: (text: string) => string
}

/**
 * The checks that every storage makes of a batch before it writes anything; returns the journal's head after the batch.
 * Throws `JOURNAL_CONFLICT` when the entries do not follow `head` by sequence and hash, `DUPLICATE_JOURNAL_ID` for an id
 * twice in the batch, `INVALID_BATCH` for a malformed write. Ids and revisions already stored are the storage's to check.
 */
export function checkWriteBatch(batch: WriteBatch, head: JournalHead, options: WriteBatchCheckOptions): JournalHead {
  const sha256 = options.sha256 ?? sha256Hex
  const newHead = checkJournal(batch.journal ?? [], head, sha256, options.place)
  for (const { consumer, sequence } of batch.cursors ?? []) {
    if (!Number.isSafeInteger(sequence) || sequence < 0 || sequence > newHead.sequence) {
      throw invalid(
        options.place,
        `the cursor of consumer "${consumer}" is ${sequence}, outside 0 to ${newHead.sequence}, the head`,
      )
    }
  }
  for (const { key, ttlMs } of batch.keyValue ?? []) {
    if (ttlMs !== undefined && !(Number.isFinite(ttlMs) && ttlMs > 0)) {
      throw invalid(options.place, `ttlMs of key "${key}" is ${ttlMs}; it must be a positive number of milliseconds`)
    }
  }
  for (const { collection, record } of batch.records ?? []) {
    if (!Number.isSafeInteger(record.time)) {
      throw invalid(
        options.place,
        `the time of record "${record.id}" in "${collection}" is ${record.time}; it must be whole milliseconds`,
      )
    }
  }
  for (const { hash, text } of batch.blobs ?? []) {
    if (sha256(text) !== hash)
      throw invalid(options.place, `blob "${hash}" does not carry the SHA-256 of its text, ${sha256(text)}`)
  }
  return newHead
}

function checkJournal(
  entries: readonly JournalEntry[],
  head: JournalHead,
  sha256: (text: string) => string,
  place: string,
): JournalHead {
  let { sequence, hash } = head
  const ids = entries.length > 1 ? new Set<string>() : undefined
  for (const entry of entries) {
    sequence += 1
    if (entry.sequence !== sequence)
      throw conflict(place, entry, `its sequence is ${entry.sequence} where ${sequence} is next`)
    if (!Number.isSafeInteger(entry.time))
      throw invalid(place, `the time of journal entry "${entry.id}" is ${entry.time}; it must be whole milliseconds`)
    hash = chainHash(hash, entry, sha256)
    if (entry.hash !== hash) throw conflict(place, entry, `its hash does not chain to entry ${sequence - 1}`)
    if (ids?.has(entry.id)) throw duplicateJournalId(place, entry.id)
    ids?.add(entry.id)
  }
  return { sequence, hash }
}

/** The error of a journal id that is taken, for storages to throw. */
export function duplicateJournalId(place: string, id: string): SwarmError {
  return new SwarmError({
    code: 'DUPLICATE_JOURNAL_ID',
    message: `${place}: the journal already holds an entry with the id "${id}"; nothing was written`,
    context: { place, id },
  })
}

/** The error of a compare-and-set that lost, for storages to throw. Revision 0 means that the key does not exist. */
export function revisionConflict(place: string, key: string, expected: number, stored: number): SwarmError {
  return new SwarmError({
    code: 'REVISION_CONFLICT',
    message: `${place}: key "${key}" is at revision ${stored}, not ${expected}; nothing was written; read it again and retry`,
    retryability: 'retryable',
    context: { place, key, expected, stored },
  })
}

/** The error of every call to a storage after its `close`, for storages to throw. */
export function storageClosed(place: string): SwarmError {
  return new SwarmError({
    code: 'STORAGE_CLOSED',
    message: `${place} is closed; open its definition again`,
    context: { place },
  })
}

function conflict(place: string, entry: JournalEntry, why: string): SwarmError {
  return new SwarmError({
    code: 'JOURNAL_CONFLICT',
    message: `${place}: journal entry "${entry.id}" does not follow the head: ${why}; nothing was written`,
    context: { place, id: entry.id, sequence: entry.sequence },
  })
}

function invalid(place: string, what: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_BATCH',
    message: `${place}: ${what}; nothing was written`,
    context: { place },
  })
}
