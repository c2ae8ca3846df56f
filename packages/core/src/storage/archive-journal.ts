import { sha256Hex } from '../encoding/sha256.js'
import { SwarmError } from '../errors/swarm-error.js'
import type { EpochMs } from '../time/clock.js'
import {
  emptyJournalHead,
  type Journal,
  type JournalCursor,
  type JournalEntry,
  type JournalSegment,
} from './journal.js'
import { segmentText } from './journal-archive.js'
import type { Storage } from './storage.js'

/** What to archive; both bounds hold where both are given. */
export type ArchiveJournalOptions = {
  /** Archives entries up to the first one of this time or later. */
  readonly before?: EpochMs
  /** Leaves at least so many of the latest entries live; at least 1, the default. */
  readonly keepEntries?: number
  /**
   * The most entries of one segment, 1 to 100,000; default 1,000. Each is one commit, and held in memory whole to be read. Entries that were
   * hashed together, 64 at most, are not parted, be it for this bound or the others.
   */
  readonly segmentEntries?: number
}

/** What {@link archiveJournal} did. */
export type ArchiveJournalResult = {
  readonly segments: readonly JournalSegment[]
  /** The consumer whose cursor kept entries live that the options would have archived. */
  readonly heldBack?: JournalCursor
}

/** What archiving needs of a storage. */
export type ArchivedStorage = Pick<Storage, 'journal' | 'commit'>

const defaults = { keepEntries: 1, segmentEntries: 1_000 }
const mostSegmentEntries = 100_000
/** A segment also ends with the entry that takes its texts to this length: a blob of some 8 MB at most, but for one entry. */
const segmentCharacters = 4_000_000
const mostSegmentsListed = 1_000

/**
 * Moves old entries of the journal into blobs, a segment in one commit, beside whatever else is committed meanwhile.
 * Nothing after the smallest cursor is archived, for it is unacknowledged. A crash leaves whole segments, and calling it
 * again goes on after them. Throws `INVALID_OPTION`, and what `Storage.commit` throws.
 */
export async function archiveJournal(
  storage: ArchivedStorage,
  options: ArchiveJournalOptions,
): Promise<ArchiveJournalResult> {
  const { before, keepEntries, segmentEntries } = resolveOptions(options)
  const { journal } = storage
  const wanted = (await journal.head()).sequence - keepEntries
  const slowest = (await journal.cursors()).reduce<JournalCursor | undefined>(
    (least, cursor) => (least === undefined || cursor.sequence < least.sequence ? cursor : least),
    undefined,
  )
  const to = Math.min(wanted, slowest?.sequence ?? wanted)
  const segments: JournalSegment[] = []
  let previousHash = await lastArchivedHash(journal)
  let entries: JournalEntry[] = []
  let characters = 0
  const archive = async (): Promise<void> => {
    if (entries.length === 0) return
    const segment = await commitSegment(storage, entries, previousHash)
    segments.push(segment)
    previousHash = segment.hash
    entries = []
    characters = 0
  }
  let isHeldBack = slowest !== undefined && slowest.sequence < wanted
  for await (const block of blocksFrom(journal, await journal.first(), to)) {
    if (before !== undefined && block.some((entry) => entry.time >= before)) {
      isHeldBack = false
      break
    }
    if (entries.length > 0 && entries.length + block.length > segmentEntries) await archive()
    entries.push(...block)
    for (const { text } of block) characters += text.length
    if (entries.length >= segmentEntries || characters >= segmentCharacters) await archive()
  }
  await archive()
  return isHeldBack && slowest !== undefined ? { segments, heldBack: slowest } : { segments }
}

/**
 * Erases the blobs of the segments that end at or before an entry, for a retention that ends: their entries are gone for
 * good, and the chain still verifies across them. Returns those erased, earlier ones included.
 */
export async function eraseArchived(storage: Storage, options: { readonly to: number }): Promise<JournalSegment[]> {
  const erased: JournalSegment[] = []
  for await (const segment of eachSegment(storage.journal)) {
    if (segment.to > options.to) break
    await storage.blobs.delete(segment.blob)
    erased.push(segment)
  }
  return erased
}

/** All segments of a journal in order, listed in pages. */
export async function* eachSegment(journal: Journal): AsyncGenerator<JournalSegment> {
  let from = 1
  for (;;) {
    const page = await journal.segments({ from, limit: mostSegmentsListed })
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < mostSegmentsListed) return
    from = last.to + 1
  }
}

/** The blocks of a journal from its first live entry on that end up to the entry `to`, which comes before the head. */
async function* blocksFrom(journal: Journal, from: number, to: number): AsyncGenerator<readonly JournalEntry[]> {
  if (to < from) return
  let block: JournalEntry[] = []
  // The one behind tells whether the last block ends.
  for await (const entry of journal.read({ from, to: to + 1 })) {
    if (block.length > 0 && block[0]?.hash !== entry.hash) {
      yield block
      block = []
    }
    block.push(entry)
  }
}

async function lastArchivedHash(journal: Journal): Promise<string> {
  const first = await journal.first()
  if (first === 1) return emptyJournalHead.hash
  const [segment] = await journal.segments({ from: first - 1, limit: 1 })
  return segment?.hash ?? emptyJournalHead.hash
}

async function commitSegment(
  storage: ArchivedStorage,
  entries: readonly JournalEntry[],
  previousHash: string,
): Promise<JournalSegment> {
  const [first, last] = [entries[0] as JournalEntry, entries.at(-1) as JournalEntry]
  const text = segmentText(entries)
  const blob = sha256Hex(text)
  const segment = { from: first.sequence, to: last.sequence, previousHash, hash: last.hash, blob }
  await storage.commit({ blobs: [{ hash: blob, text }], archive: segment })
  return segment
}

function resolveOptions(options: ArchiveJournalOptions): typeof defaults & { readonly before: EpochMs | undefined } {
  const { before } = options
  if (before === undefined && options.keepEntries === undefined)
    throw invalid('before and keepEntries', 'missing', 'given, one of them')
  if (before !== undefined && !Number.isFinite(before)) throw invalid('before', before, 'epoch milliseconds')
  const { keepEntries, segmentEntries } = { ...defaults, ...options }
  if (!Number.isSafeInteger(keepEntries) || keepEntries < 1)
    throw invalid('keepEntries', keepEntries, 'a whole number from 1')
  if (!Number.isSafeInteger(segmentEntries) || segmentEntries < 1 || segmentEntries > mostSegmentEntries)
    throw invalid('segmentEntries', segmentEntries, `a whole number from 1 to ${mostSegmentEntries}`)
  return { before, keepEntries, segmentEntries }
}

function invalid(option: string, value: number | string, allowed: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `option ${option} of archiveJournal is ${value}; it must be ${allowed}`,
    context: { option, value },
  })
}
