import { chainHash, emptyJournalHead, type Journal } from './journal.js'

/** The outcome of {@link verifyJournal}; `hash` is that of the last entry, `sequence` that of the first fault. */
export type JournalVerification =
  | { readonly ok: true; readonly entries: number; readonly hash: string }
  | { readonly ok: false; readonly sequence: number; readonly reason: string }

/**
 * Reads a journal from its first entry to its head and recomputes the hash chain.
 * Finds gaps, altered texts, ids, kinds, times and hashes, and entries missing before the head.
 * A whole tail cut off shows only by comparing `entries` and `hash` with figures kept elsewhere.
 */
export async function verifyJournal(journal: Journal): Promise<JournalVerification> {
  const head = await journal.head()
  let { sequence, hash } = emptyJournalHead
  for await (const entry of journal.read({ to: head.sequence })) {
    const expected = sequence + 1
    if (entry.sequence !== expected) {
      return {
        ok: false,
        sequence: expected,
        reason: `entry ${expected} is missing: the next one found is ${entry.sequence}`,
      }
    }
    if (entry.hash !== chainHash(hash, entry)) {
      return {
        ok: false,
        sequence: expected,
        reason: `entry ${expected} ("${entry.id}") or its hash was altered: the hash does not follow from its content and entry ${sequence}`,
      }
    }
    sequence = entry.sequence
    hash = entry.hash
  }
  if (sequence !== head.sequence || hash !== head.hash) {
    return {
      ok: false,
      sequence: sequence + 1,
      reason: `the journal ends at entry ${sequence}, but its head is entry ${head.sequence}`,
    }
  }
  return { ok: true, entries: sequence, hash }
}
