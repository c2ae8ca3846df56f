import type { JournalEntry, JournalSegment } from './journal.js'
import { segmentEntries } from './journal-archive.js'
import type { ResolvedJournalRead } from './resolve-read-options.js'
import { journalErased, storageCorrupt } from './storage-errors.js'

/** Live entries of a read, in order, as a storage fetched them. */
export type JournalPage = {
  readonly entries: readonly JournalEntry[]
  /** Where the next page starts; undefined when the live journal holds no more entries of the read. */
  readonly next: number | undefined
  /** The first live sequence, found no earlier than the entries were, so that nothing archived meanwhile is missed. */
  readonly first: number
}

type Awaitable<Value> = Value | Promise<Value>

/** What {@link readJournal} and {@link archivedEntry} need of a storage. Each call throws `STORAGE_CLOSED` once it is closed. */
export type JournalSource = {
  /** What error messages call the storage. */
  readonly place: string
  /** A page of live entries of the read from a sequence on. */
  page(read: ResolvedJournalRead, from: number): Awaitable<JournalPage>
  /** The segment that holds an archived entry. */
  segment(sequence: number): Awaitable<JournalSegment | undefined>
  blob(hash: string): Awaitable<string | undefined>
  /** Throws `STORAGE_CLOSED` when it is; called after each entry, so that nothing is read once the storage is closed. */
  assertOpen(): void
}

/** The entries of a read, the archived ones from their blobs and the live ones in pages, whatever is archived meanwhile. */
export async function* readJournal(source: JournalSource, read: ResolvedJournalRead): AsyncGenerator<JournalEntry> {
  let from = read.from
  while (from <= read.to && read.kinds?.length !== 0) {
    const page = await source.page(read, from)
    if (page.first > from) {
      const segment = await segmentOf(source, from)
      yield* chosen(source, await entriesOf(source, segment), read, from)
      from = segment.to + 1
      continue
    }
    for (const entry of page.entries) {
      yield entry
      source.assertOpen()
    }
    if (page.next === undefined) return
    from = page.next
  }
}

/** One archived entry by its sequence, for `Journal.get`. Throws `JOURNAL_ERASED` or `STORAGE_CORRUPT`. */
export async function archivedEntry(source: JournalSource, sequence: number, id: string): Promise<JournalEntry> {
  const segment = await segmentOf(source, sequence)
  const entry = (await entriesOf(source, segment))[sequence - segment.from]
  if (entry?.id === id) return entry
  throw storageCorrupt(source.place, `the archived entry ${sequence} has not the id "${id}" that leads to it`, {
    table: 'journal',
    key: id,
    sequence,
  })
}

async function segmentOf(source: JournalSource, sequence: number): Promise<JournalSegment> {
  const segment = await source.segment(sequence)
  if (segment !== undefined) return segment
  throw storageCorrupt(source.place, `no segment holds the archived entry ${sequence}`, {
    table: 'journal_segments',
    sequence,
  })
}

async function entriesOf(source: JournalSource, segment: JournalSegment): Promise<readonly JournalEntry[]> {
  const text = await source.blob(segment.blob)
  if (text === undefined) throw journalErased(source.place, segment)
  return segmentEntries(segment, text, source.place)
}

function* chosen(
  source: JournalSource,
  entries: readonly JournalEntry[],
  { to, kinds }: ResolvedJournalRead,
  from: number,
): Generator<JournalEntry> {
  for (const entry of entries) {
    if (entry.sequence < from || entry.sequence > to) continue
    if (kinds !== undefined && !kinds.includes(entry.kind)) continue
    yield entry
    source.assertOpen()
  }
}
