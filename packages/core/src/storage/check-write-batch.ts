import { sha256Hex } from '../encoding/sha256.js'
import { SwarmError } from '../errors/swarm-error.js'
import { journalBlockOf } from './chain-entries.js'
import {
  blockHash,
  emptyJournalHead,
  type JournalEntry,
  type JournalHead,
  type JournalSegment,
  maximumBlockEntries,
} from './journal.js'
import { segmentEntries } from './journal-archive.js'
import type { CursorWrite, WriteBatch } from './storage.js'
import { archiveConflict, duplicateJournalId } from './storage-errors.js'

/** What a check needs to know of the storage: its name for errors, and a quicker SHA-256 if it has one. */
export type WriteBatchCheckOptions = {
  /** What error messages call the storage: its file, or `the memory storage`. */
  readonly place: string
  /** SHA-256 in lower-case hex; a faster one than the default where the platform has it. */
  readonly sha256?: (text: string) => string
  /** The storage finds an id that is twice in the batch by itself, before it has written anything. Default false. */
  readonly findsIdsTwice?: boolean
  /** The last archived entry; none by default. */
  readonly archived?: JournalHead
}

/**
 * The checks that every storage makes of a batch before it writes anything; returns the journal's head after the batch.
 * Throws `JOURNAL_CONFLICT` when the entries do not follow `head` by sequence and hash, `DUPLICATE_JOURNAL_ID` for an id
 * twice in the batch, `ARCHIVE_CONFLICT` for a segment that does not follow what is archived or whose blob does not hold
 * its entries, `INVALID_BATCH` for a malformed write. What is stored is the storage's to check: ids, revisions, and that
 * the live entry at the end of an archived segment has the segment's hash.
 */
export function checkWriteBatch(batch: WriteBatch, head: JournalHead, options: WriteBatchCheckOptions): JournalHead {
  const sha256 = options.sha256 ?? sha256Hex
  const newHead = checkJournal(batch.journal ?? [], head, sha256, options)
  for (const cursor of batch.cursors ?? []) checkCursor(cursor, newHead, options.place)
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
  if (batch.archive !== undefined) checkArchive(batch.archive, batch, head, options)
  return newHead
}

function checkCursor({ consumer, sequence }: CursorWrite, head: JournalHead, place: string): void {
  if (sequence === undefined) return
  if (Number.isSafeInteger(sequence) && sequence >= 0 && sequence <= head.sequence) return
  throw invalid(place, `the cursor of consumer "${consumer}" is ${sequence}, outside 0 to ${head.sequence}, the head`)
}

/** Proves that the blob holds a chain from the last archived entry to the segment's last, so that removing them loses nothing. */
function checkArchive(
  segment: JournalSegment,
  batch: WriteBatch,
  head: JournalHead,
  { place, archived = emptyJournalHead }: WriteBatchCheckOptions,
): void {
  const fault =
    segment.from !== archived.sequence + 1
      ? `${archived.sequence + 1} is the next entry to archive`
      : segment.previousHash !== archived.hash
        ? 'its first entry is not chained to the last archived one'
        : !(segment.to >= segment.from && segment.to < head.sequence)
          ? `it must end before the head, entry ${head.sequence}`
          : undefined
  if (fault !== undefined) throw archiveConflict(place, segment, fault)
  const blob = batch.blobs?.find(({ hash }) => hash === segment.blob)
  if (blob === undefined) throw invalid(place, `the batch archives to blob "${segment.blob}" but does not hold it`)
  segmentEntries(segment, blob.text, place)
}

function checkJournal(
  entries: readonly JournalEntry[],
  head: JournalHead,
  sha256: (text: string) => string,
  { place, findsIdsTwice = false }: WriteBatchCheckOptions,
): JournalHead {
  let { sequence, hash } = head
  const ids = entries.length > 1 && !findsIdsTwice ? new Set<string>() : undefined
  for (const entry of entries) {
    sequence += 1
    if (entry.sequence !== sequence)
      throw conflict(place, entry, `its sequence is ${entry.sequence} where ${sequence} is next`)
    if (!Number.isSafeInteger(entry.time))
      throw invalid(place, `the time of journal entry "${entry.id}" is ${entry.time}; it must be whole milliseconds`)
    if (ids?.has(entry.id)) throw duplicateJournalId(place, entry.id)
    ids?.add(entry.id)
  }
  for (let index = 0; index < entries.length; ) {
    const size = blockSize(entries, index, hash, sha256)
    const first = entries[index] as JournalEntry
    if (size === 0) throw conflict(place, first, `its hash does not chain to entry ${first.sequence - 1}`)
    hash = first.hash
    index += size
  }
  return { sequence, hash }
}

/** How many entries from a place on are a block that is chained to a hash; 0 where none is. Their sequences follow each other. */
function blockSize(
  entries: readonly JournalEntry[],
  start: number,
  previousHash: string,
  sha256: (text: string) => string,
): number {
  const first = entries[start] as JournalEntry
  // Entries that carry the mark were hashed when they were made, and cannot have changed since.
  const block = journalBlockOf(first)
  let end = start + 1
  if (block !== undefined) {
    while (end < entries.length && journalBlockOf(entries[end] as JournalEntry) === block) end += 1
    const isWhole = block.first === first.sequence && end - start === block.last - block.first + 1
    return isWhole && block.previousHash === previousHash ? end - start : 0
  }
  while (end < entries.length && entries[end]?.hash === first.hash) end += 1
  if (end - start > maximumBlockEntries) return 0
  return blockHash(previousHash, entries.slice(start, end), sha256) === first.hash ? end - start : 0
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
