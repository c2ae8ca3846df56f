import { SwarmError } from '../errors/swarm-error.js'
import { eachSegment } from './archive-journal.js'
import {
  blockHash,
  emptyJournalHead,
  type Journal,
  type JournalEntry,
  type JournalHead,
  type JournalSegment,
  maximumBlockEntries,
} from './journal.js'

/** The outcome of {@link verifyJournal}; `hash` is that of the last entry, `sequence` that of the first fault. */
export type JournalVerification =
  | {
      readonly ok: true
      readonly entries: number
      readonly hash: string
      /** Archived segments whose blobs were erased: the chain holds across them, but what they held is gone. */
      readonly erased?: readonly JournalSegment[]
    }
  | { readonly ok: false; readonly sequence: number; readonly reason: string }

type Fault = Extract<JournalVerification, { ok: false }>

/**
 * Reads a journal from its first entry, archived ones included, to its head and recomputes the hash chain.
 * Finds gaps, altered texts, ids, kinds, times and hashes, and entries missing before the head; names what was erased. Of entries that were
 * hashed together it names all, the first of them as the place of the fault.
 * A whole tail cut off shows only by comparing `entries` and `hash` with figures kept elsewhere.
 */
export async function verifyJournal(journal: Journal): Promise<JournalVerification> {
  const erased: JournalSegment[] = []
  let place: JournalHead = emptyJournalHead
  let head: JournalHead
  try {
    for await (const segment of eachSegment(journal)) {
      const reached = await verifyRange(journal, place, segment.to).catch((error: unknown) => {
        // A storage that finds the blob altered itself need not know whose entries it holds.
        if (SwarmError.isInstance(error, 'STORAGE_CORRUPT')) return faultOf(error) ?? damagedSegment(segment, error)
        if (!SwarmError.isInstance(error, 'JOURNAL_ERASED')) throw error
        erased.push(segment)
        return joins(segment, place) ? segment : notJoined(segment, place)
      })
      if ('ok' in reached) return reached
      if (reached.hash !== segment.hash) return notJoined(segment, place)
      place = { sequence: segment.to, hash: segment.hash }
    }
    head = await journal.head()
    const reached = await verifyRange(journal, place, head.sequence)
    if ('ok' in reached) return reached
    place = reached
  } catch (error) {
    const fault = faultOf(error)
    if (fault === undefined) throw error
    return fault
  }
  if (place.sequence !== head.sequence || place.hash !== head.hash) {
    return {
      ok: false,
      sequence: place.sequence + 1,
      reason: `the journal ends at entry ${place.sequence}, but its head is entry ${head.sequence}`,
    }
  }
  const result = { ok: true, entries: place.sequence, hash: place.hash } as const
  return erased.length === 0 ? result : { ...result, erased }
}

/** Follows the chain from a place to the entry `to`; returns where it ended, or the first fault. */
async function verifyRange(journal: Journal, start: JournalHead, to: number): Promise<JournalHead | Fault> {
  if (start.sequence >= to) return start
  let place = start
  let block: JournalEntry[] = []
  for await (const entry of journal.read({ from: start.sequence + 1, to, unverified: true })) {
    const expected = place.sequence + block.length + 1
    if (entry.sequence !== expected) {
      return {
        ok: false,
        sequence: expected,
        reason: `entry ${expected} is missing: the next one found is ${entry.sequence}`,
      }
    }
    // Entries of one block have one hash; one more than a block may hold is none of it.
    if (block.length > 0 && (entry.hash !== block[0]?.hash || block.length > maximumBlockEntries)) {
      const reached = verifyBlock(place, block)
      if ('ok' in reached) return reached
      place = reached
      block = []
    }
    block.push(entry)
  }
  return verifyBlock(place, block)
}

function verifyBlock(place: JournalHead, block: readonly JournalEntry[]): JournalHead | Fault {
  const [first, last] = [block[0], block.at(-1)]
  if (first === undefined || last === undefined) return place
  if (block.length <= maximumBlockEntries && blockHash(place.hash, block) === first.hash)
    return { sequence: last.sequence, hash: last.hash }
  const reason =
    first === last
      ? `entry ${first.sequence} ("${first.id}") or its hash was altered: the hash does not follow from its content and entry ${place.sequence}`
      : `one of the entries ${first.sequence} to ${last.sequence}, which were written together, or their hash was altered: it does not follow from their content and entry ${place.sequence}`
  return { ok: false, sequence: first.sequence, reason }
}

function joins(segment: JournalSegment, place: JournalHead): boolean {
  return segment.from === place.sequence + 1 && segment.previousHash === place.hash
}

function notJoined(segment: JournalSegment, place: JournalHead): Fault {
  return {
    ok: false,
    sequence: segment.from,
    reason: `the archived entries ${segment.from} to ${segment.to} do not follow entry ${place.sequence}, or were altered`,
  }
}

function damagedSegment({ from, to }: JournalSegment, { message }: SwarmError): Fault {
  return { ok: false, sequence: from, reason: `the archived entries ${from} to ${to} cannot be read: ${message}` }
}

/** A storage may find an altered entry itself, when it reads it. */
function faultOf(error: unknown): Fault | undefined {
  if (!SwarmError.isInstance(error, 'STORAGE_CORRUPT')) return undefined
  const { sequence } = error.context
  return typeof sequence === 'number' ? { ok: false, sequence, reason: error.message } : undefined
}
