import {
  archiveConflict,
  chainedTo,
  duplicateJournalId,
  emptyJournalHead,
  type JournalCursor,
  type JournalEntry,
  type JournalHead,
  type JournalPage,
  type JournalSegment,
  type ResolvedJournalRead,
  type ResolvedSegments,
  wellFormed,
} from '@tradeswarm/core'
import { compareUtf8 } from './utf8-order.js'

const pageEntries = 256

/** The live entries in an array, and the sequence of every id, archived ones too, in a map. */
export class MemoryJournal {
  #entries: JournalEntry[] = []
  #first = 1
  readonly #sequences = new Map<string, number>()
  readonly #cursors = new Map<string, number>()
  readonly #segments: JournalSegment[] = []

  head(): JournalHead {
    return this.#entries.at(-1) ?? emptyJournalHead
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
    return this.#sequences.get(wellFormed(id))
  }

  /** A live entry by its sequence. */
  live(sequence: number): JournalEntry | undefined {
    return this.#entries[sequence - this.#first]
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
   * Appends entries that were checked to follow the head. One that core chained is frozen already, and kept as it is. Throws
   * `DUPLICATE_JOURNAL_ID` when an id is taken, by an earlier entry or by one of these, and then holds what it held.
   */
  append(entries: readonly JournalEntry[], place: string): void {
    const before = this.#entries.length
    for (const entry of entries) {
      const kept = chainedTo(entry) === undefined ? frozenCopy(entry) : entry
      // Looked up right before it is set, an id costs one way into a large map, not two.
      if (this.#sequences.has(kept.id)) {
        this.takeBack(this.#entries.length - before)
        throw duplicateJournalId(place, entry.id)
      }
      this.#sequences.set(kept.id, kept.sequence)
      this.#entries.push(kept)
    }
  }

  /** Takes the last so many entries out again, as if they had never been appended. */
  takeBack(count: number): void {
    for (const { id } of this.#entries.splice(this.#entries.length - count)) this.#sequences.delete(id)
  }

  /** Throws `ARCHIVE_CONFLICT` when a segment, checked otherwise, does not end in the live entry that it says. */
  checkArchive(segment: JournalSegment, place: string): void {
    if (this.live(segment.to)?.hash === segment.hash) return
    throw archiveConflict(place, segment, `its last hash is not that of entry ${segment.to}`)
  }

  /** Takes the entries of a checked segment out of the live ones. */
  archive(segment: JournalSegment): void {
    this.#segments.push(Object.freeze({ ...segment }))
    this.#entries = this.#entries.slice(segment.to + 1 - this.#first)
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
    let sequence = Math.max(from, this.#first)
    for (; sequence <= read.to && entries.length < pageEntries; sequence += 1) {
      const entry = this.live(sequence)
      if (entry !== undefined && (kinds === undefined || kinds.has(entry.kind))) entries.push(entry)
    }
    return { entries, next: sequence <= read.to ? sequence : undefined, first: this.#first }
  }

  /** The place of the first segment that holds an entry or lies after it. */
  #segmentPlace(sequence: number): number {
    let low = 0
    let high = this.#segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#segments[middle] as JournalSegment).to < sequence) low = middle + 1
      else high = middle
    }
    return low
  }
}

function frozenCopy({ sequence, id, kind, time, text, hash }: JournalEntry): JournalEntry {
  return Object.freeze({ sequence, id: wellFormed(id), kind: wellFormed(kind), time, text: wellFormed(text), hash })
}
