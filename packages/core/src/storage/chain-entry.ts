import { chainHash, type JournalEntry, type JournalHead } from './journal.js'
import { wellFormed } from './well-formed.js'

/** An entry that this module has hashed itself. It is frozen, so that what it was hashed over is what it holds. */
class ChainedEntry implements JournalEntry {
  readonly sequence: number
  readonly id: string
  readonly kind: string
  readonly time: number
  readonly text: string
  readonly hash: string
  readonly #previousHash: string

  constructor(head: JournalHead, draft: Omit<JournalEntry, 'sequence' | 'hash'>) {
    this.sequence = head.sequence + 1
    this.id = wellFormed(draft.id)
    this.kind = wellFormed(draft.kind)
    this.time = draft.time
    this.text = wellFormed(draft.text)
    this.hash = chainHash(head.hash, this)
    this.#previousHash = head.hash
    Object.freeze(this)
  }

  static previousHashOf(entry: JournalEntry): string | undefined {
    return #previousHash in entry ? entry.#previousHash : undefined
  }
}

/**
 * The entry that follows a head, numbered, hashed and frozen, its texts as UTF-8 holds them. Storages know such an
 * entry by a private mark and need not hash it again; any other entry is hashed at every commit.
 */
export function chainEntry(head: JournalHead, draft: Omit<JournalEntry, 'sequence' | 'hash'>): JournalEntry {
  return new ChainedEntry(head, draft)
}

/** The hash that an entry of {@link chainEntry} was chained to; undefined for an entry from elsewhere. */
export function chainedTo(entry: JournalEntry): string | undefined {
  return ChainedEntry.previousHashOf(entry)
}
