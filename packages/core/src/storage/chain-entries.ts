import { sha256Hex } from '../encoding/sha256.js'
import {
  blockHashOf,
  blockText,
  chainHash,
  type EntryDraft,
  type JournalEntry,
  type JournalHead,
  maximumBlockEntries,
} from './journal.js'
import { wellFormed } from './well-formed.js'

/** A block also ends with the entry whose text takes it to this length. */
const enoughCharacters = 500_000

/**
 * Entries that this module has hashed together. It holds them in one text, and makes them anew when they are asked for: a storage in memory that
 * keeps blocks keeps two objects for up to 64 entries.
 */
export class JournalBlock {
  readonly first: number
  readonly last: number
  /** The hash of the block before. */
  readonly previousHash: string
  readonly hash: string
  /** What was hashed; of a block of one entry that entry, since its hash covers another text. */
  readonly #content: string | ChainedEntry

  private constructor(head: JournalHead, drafts: readonly EntryDraft[], text: string) {
    this.first = head.sequence + 1
    this.last = head.sequence + drafts.length
    this.previousHash = head.hash
    const only = drafts.length === 1 ? drafts[0] : undefined
    if (only === undefined) {
      this.hash = blockHashOf(head.hash, this.first, this.last, sha256Hex(text))
      this.#content = text
    } else {
      const draft = wellFormedDraft(only)
      this.hash = chainHash(head.hash, { ...draft, sequence: this.first })
      this.#content = new ChainedEntry(this, this.first, draft)
    }
    Object.freeze(this)
  }

  /** Hashes drafts, one at least, into a block, and adds its entries to others. */
  static chain(head: JournalHead, drafts: readonly EntryDraft[], entries: JournalEntry[]): JournalBlock {
    const text = blockText(drafts)
    const isWellFormed = text.isWellFormed()
    const block = new JournalBlock(head, drafts, isWellFormed ? text : text.toWellFormed())
    const content = block.#content
    if (typeof content !== 'string') entries.push(content)
    else if (!isWellFormed) entries.push(...block.entries())
    else {
      let sequence = head.sequence
      for (const draft of drafts) {
        sequence += 1
        entries.push(new ChainedEntry(block, sequence, draft))
      }
    }
    return block
  }

  /** Its entries from one on, which is the first by default. */
  entries(from: number = this.first): readonly JournalEntry[] {
    const content = this.#content
    if (typeof content !== 'string') return from <= this.first ? [content] : []
    const entries: JournalEntry[] = []
    const reader = new BlockReader(content)
    for (let sequence = this.first; sequence <= this.last; sequence += 1) {
      const draft = reader.next()
      if (sequence >= from) entries.push(new ChainedEntry(this, sequence, draft))
    }
    return entries
  }
}

/** Reads the entries of a {@link blockText} one after the other. */
class BlockReader {
  readonly #text: string
  #place = 0

  constructor(text: string) {
    this.#text = text
  }

  next(): EntryDraft {
    this.#place += 1
    const kind = this.#counted()
    const time = Number(this.#until(','))
    const id = this.#counted()
    return { id, kind, time, text: this.#counted() }
  }

  #counted(): string {
    const length = Number(this.#until(':'))
    this.#place += length
    return this.#text.slice(this.#place - length, this.#place)
  }

  #until(end: string): string {
    const start = this.#place
    const place = this.#text.indexOf(end, start)
    this.#place = place + 1
    return this.#text.slice(start, place)
  }
}

/** An entry that this module has hashed itself. It is frozen, so that what it was hashed over is what it holds. */
class ChainedEntry implements JournalEntry {
  readonly sequence: number
  readonly id: string
  readonly kind: string
  readonly time: number
  readonly text: string
  readonly hash: string
  readonly #block: JournalBlock

  constructor(block: JournalBlock, sequence: number, draft: EntryDraft) {
    this.sequence = sequence
    this.id = draft.id
    this.kind = draft.kind
    this.time = draft.time
    this.text = draft.text
    this.hash = block.hash
    this.#block = block
    Object.freeze(this)
  }

  static blockOf(entry: JournalEntry): JournalBlock | undefined {
    return #block in entry ? entry.#block : undefined
  }
}

/**
 * The entries that follow a head, numbered, hashed in blocks and frozen, their texts as UTF-8 holds them. Storages know such entries by a
 * private mark and need not hash them again; any others are hashed at every commit.
 */
export function chainEntries(head: JournalHead, drafts: readonly EntryDraft[]): JournalEntry[] {
  const entries: JournalEntry[] = []
  let last = head
  for (const block of blocksOf(drafts)) {
    const { last: sequence, hash } = JournalBlock.chain(last, block, entries)
    last = { sequence, hash }
  }
  return entries
}

/** As many as a block may hold each, in their order. */
function blocksOf(drafts: readonly EntryDraft[]): readonly (readonly EntryDraft[])[] {
  const blocks: (readonly EntryDraft[])[] = []
  let start = 0
  let characters = 0
  drafts.forEach(({ text }, index) => {
    characters += text.length
    const end = index + 1
    if (end < drafts.length && end - start < maximumBlockEntries && characters < enoughCharacters) return
    blocks.push(start === 0 && end === drafts.length ? drafts : drafts.slice(start, end))
    start = end
    characters = 0
  })
  return blocks
}

/** The entry that follows a head as a block of its own; see {@link chainEntries}. */
export function chainEntry(head: JournalHead, draft: EntryDraft): JournalEntry {
  const [entry] = chainEntries(head, [draft])
  return entry as JournalEntry
}

/** The block in which an entry of {@link chainEntries} was hashed; undefined for an entry from elsewhere. */
export function journalBlockOf(entry: JournalEntry): JournalBlock | undefined {
  return ChainedEntry.blockOf(entry)
}

function wellFormedDraft({ id, kind, time, text }: EntryDraft): EntryDraft {
  return { id: wellFormed(id), kind: wellFormed(kind), time, text: wellFormed(text) }
}
