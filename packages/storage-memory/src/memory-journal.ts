import {
  archiveConflict,
  duplicateJournalId,
  emptyJournalHead,
  type JournalBlock,
  type JournalCursor,
  type JournalEntry,
  type JournalHead,
  type JournalPage,
  type JournalSegment,
  journalBlockOf,
  type ResolvedJournalRead,
  type ResolvedSegments,
  wellFormed,
} from '@tradeswarm/core'
import { SequenceIndex } from './sequence-index.js'
import { compareUtf8 } from './utf8-order.js'

const pageEntries = 256

/** Live entries that lie side by side: a block that core has hashed, or one entry from elsewhere. */
type Part = Pick<JournalBlock, 'first' | 'last' | 'hash' | 'entries'>

/** The live entries in the blocks in which they were hashed, and the sequence of every id, archived ones too. */
export class MemoryJournal {
  #parts: Part[] = []
  #first = 1
  readonly #ids = new SequenceIndex()
  readonly #cursors = new Map<string, number>()
  readonly #segments: JournalSegment[] = []

  head(): JournalHead {
    const last = this.#parts.at(-1)
    return last === undefined ? emptyJournalHead : { sequence: last.last, hash: last.hash }
  }

  get first(): number {
    return this.#first
  }

  /** The last archived entry. */
  get archived(): JournalHead {
    const last = this.#segments.at(-1)
    return last === undefined ? emptyJournalHead : { sequence: last.to, hash: last.hash }
  }

  /** The sequence of an entry, live or archived, by its id. */
  sequenceOf(id: string): number | undefined {
    return this.#ids.get(wellFormed(id))
  }

  /** A live entry by its sequence. */
  live(sequence: number): JournalEntry | undefined {
    return sequence < this.#first ? undefined : this.#parts[this.#partPlace(sequence)]?.entries(sequence)[0]
  }

  cursor(consumer: string): number {
    return this.#cursors.get(wellFormed(consumer)) ?? 0
  }

  cursors(): JournalCursor[] {
    return [...this.#cursors]
      .map(([consumer, sequence]) => ({ consumer, sequence }))
      .sort((left, right) => compareUtf8(left.consumer, right.consumer))
  }

  /**
   * Appends entries that were checked to follow the head. Those that core chained are kept as their block. Throws `DUPLICATE_JOURNAL_ID` when an
   * id is taken, by an earlier entry or by one of these, and then holds what it held.
   */
  append(entries: readonly JournalEntry[], place: string): void {
    let added = 0
    for (const entry of entries) {
      if (!this.#ids.add(wellFormed(entry.id), entry.sequence)) {
        for (const { id } of entries.slice(0, added)) this.#ids.delete(wellFormed(id))
        throw duplicateJournalId(place, entry.id)
      }
      added += 1
    }
    let last: Part | undefined
    for (const entry of entries) {
      const part = journalBlockOf(entry) ?? partOf(entry)
      if (part !== last) this.#parts.push(part)
      last = part
    }
  }

  /** Takes the last entries out again, as if they had never been appended. */
  takeBack(entries: readonly JournalEntry[]): void {
    const from = entries[0]?.sequence ?? Number.POSITIVE_INFINITY
    while ((this.#parts.at(-1)?.first ?? 0) >= from) this.#parts.pop()
    for (const { id } of entries) this.#ids.delete(wellFormed(id))
  }

  /** Throws `ARCHIVE_CONFLICT` when a segment, checked otherwise, does not end in the live entry that it says. */
  checkArchive(segment: JournalSegment, place: string): void {
    const part = this.#parts[this.#partPlace(segment.to)]
    if (part?.last === segment.to && part.hash === segment.hash) return
    throw archiveConflict(place, segment, `its last hash is not that of entry ${segment.to}`)
  }

  /** Takes the entries of a checked segment out of the live ones. */
  archive(segment: JournalSegment): void {
    this.#segments.push(Object.freeze({ ...segment }))
    this.#parts = this.#parts.slice(this.#partPlace(segment.to) + 1)
    this.#first = segment.to + 1
  }

  segments({ from, limit }: ResolvedSegments): JournalSegment[] {
    const start = this.#segmentPlace(from)
    return this.#segments.slice(start, start + limit)
  }

  segment(sequence: number): JournalSegment | undefined {
    return this.#segments[this.#segmentPlace(sequence)]
  }

  moveCursor(consumer: string, sequence: number | undefined): void {
    if (sequence === undefined) this.#cursors.delete(wellFormed(consumer))
    else this.#cursors.set(wellFormed(consumer), sequence)
  }

  /** The next live entries of a read, a bounded number of them. */
  page(read: ResolvedJournalRead, kinds: ReadonlySet<string> | undefined, from: number): JournalPage {
    const entries: JournalEntry[] = []
    let next = Math.max(from, this.#first)
    let place = this.#partPlace(next)
    for (; next <= read.to && entries.length < pageEntries; place += 1) {
      const part = this.#parts[place]
      if (part === undefined) break
      for (const entry of part.entries(next)) {
        if (entry.sequence <= read.to && (kinds === undefined || kinds.has(entry.kind))) entries.push(entry)
      }
      next = part.last + 1
    }
    return { entries, next: next <= read.to && place < this.#parts.length ? next : undefined, first: this.#first }
  }

  /** The place of the part that holds a live entry; beyond the last part where there is none. */
  #partPlace(sequence: number): number {
    return placeOf(this.#parts.length, (place) => (this.#parts[place] as Part).last < sequence)
  }

  /** The place of the first segment that holds an entry or lies after it. */
  #segmentPlace(sequence: number): number {
    return placeOf(this.#segments.length, (place) => (this.#segments[place] as JournalSegment).to < sequence)
  }
}

/** The first of so many places for which `isBefore` is false; it must be true for a leading run only. */
function placeOf(length: number, isBefore: (place: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}

function partOf({ sequence, id, kind, time, text, hash }: JournalEntry): Part {
  const entry = Object.freeze({
    sequence,
    id: wellFormed(id),
    kind: wellFormed(kind),
    time,
    text: wellFormed(text),
    hash,
  })
  return {
    first: sequence,
    last: sequence,
    hash,
    entries: (from) => (from === undefined || from <= sequence ? [entry] : []),
  }
}
