import {
  emptyJournalHead,
  type JournalEntry,
  type JournalHead,
  type ResolvedJournalRead,
  wellFormed,
} from '@tradeswarm/core'

/** The journal's entries in an array, found by id through a map. */
export class MemoryJournal {
  readonly #entries: JournalEntry[] = []
  readonly #sequences = new Map<string, number>()
  readonly #cursors = new Map<string, number>()

  head(): JournalHead {
    const last = this.#entries.at(-1)
    return last === undefined ? emptyJournalHead : { sequence: last.sequence, hash: last.hash }
  }

  has(id: string): boolean {
    return this.#sequences.has(wellFormed(id))
  }

  get(id: string): JournalEntry | undefined {
    const sequence = this.#sequences.get(wellFormed(id))
    return sequence === undefined ? undefined : this.#entries[sequence - 1]
  }

  cursor(consumer: string): number {
    return this.#cursors.get(wellFormed(consumer)) ?? 0
  }

  /** Appends entries that were checked to follow the head. */
  append(entries: readonly JournalEntry[]): void {
    for (const { sequence, id, kind, time, text, hash } of entries) {
      const entry = { sequence, id: wellFormed(id), kind: wellFormed(kind), time, text: wellFormed(text), hash }
      this.#entries.push(Object.freeze(entry))
      this.#sequences.set(entry.id, sequence)
    }
  }

  moveCursor(consumer: string, sequence: number): void {
    this.#cursors.set(wellFormed(consumer), sequence)
  }

  /** The next entry of a read at or after a sequence, or undefined at its end. */
  next(read: ResolvedJournalRead, kinds: ReadonlySet<string> | undefined, from: number): JournalEntry | undefined {
    for (let sequence = from; sequence <= read.to; sequence += 1) {
      const entry = this.#entries[sequence - 1]
      if (entry !== undefined && (kinds === undefined || kinds.has(entry.kind))) return entry
    }
    return undefined
  }
}
