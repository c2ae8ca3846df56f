import { SwarmError } from '../errors/swarm-error.js'
import type { JournalSegment } from './journal.js'

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

/** The error of a segment that does not follow what is archived, or ends in another entry than the live journal's. */
export function archiveConflict(place: string, segment: JournalSegment, why: string): SwarmError {
  return new SwarmError({
    code: 'ARCHIVE_CONFLICT',
    message: `${place}: the segment of entries ${segment.from} to ${segment.to} cannot be archived: ${why}; nothing was written; archive again from what is live now`,
    retryability: 'retryable',
    context: { place, from: segment.from, to: segment.to },
  })
}

/** The error of reading an archived entry whose blob was erased, for storages to throw. */
export function journalErased(place: string, segment: JournalSegment): SwarmError {
  return new SwarmError({
    code: 'JOURNAL_ERASED',
    message: `${place}: entries ${segment.from} to ${segment.to} of the journal are gone: their blob ${segment.blob} was erased; read from entry ${segment.to + 1} on`,
    context: { place, from: segment.from, to: segment.to, blob: segment.blob },
  })
}

/** The error of stored data that fail their checksum, for storages to throw; `where` says which table and row. */
export function storageCorrupt(
  place: string,
  what: string,
  where: Readonly<Record<string, string | number>>,
): SwarmError {
  return new SwarmError({
    code: 'STORAGE_CORRUPT',
    message: `${place} is damaged: ${what}; restore it from a copy`,
    context: { place, ...where },
  })
}
