import { sha256Hex } from '../encoding/sha256.js'

/** One line of the journal. Lines are numbered from 1 without gaps and chained by their hashes. */
export type JournalEntry = {
  readonly sequence: number
  /** Unique in the journal: the id of the message or event that the entry holds. */
  readonly id: string
  /** What the text holds, such as `message`, `order` or `ledger`. */
  readonly kind: string
  /** Epoch milliseconds on the swarm's clock. */
  readonly time: number
  /** Canonical JSON. */
  readonly text: string
  /** SHA-256 (hex) of the block of entries that this one was written in, the same for each of them; see {@link blockHash}. */
  readonly hash: string
}

/** The number and the hash of the last entry. */
export type JournalHead = { readonly sequence: number; readonly hash: string }

/** The head of an empty journal. */
export const emptyJournalHead: JournalHead = { sequence: 0, hash: '0'.repeat(64) }

/** Which entries to read. */
export type JournalReadOptions = {
  /** First sequence to read; default 1. */
  readonly from?: number
  /** Last sequence to read; default the head at the time of the call. */
  readonly to?: number
  /** Only entries of these kinds. */
  readonly kinds?: readonly string[]
  /** Yields live entries as they are stored, altered ones too, for whoever compares or verifies them; default false. */
  readonly unverified?: boolean
}

/** How far a named consumer has acknowledged. */
export type JournalCursor = { readonly consumer: string; readonly sequence: number }

/** A run of entries that lies in a blob instead of the live journal; segments follow each other from entry 1 on. */
export type JournalSegment = {
  /** Sequences of its first and last entry. */
  readonly from: number
  readonly to: number
  /** The hash that its first entry is chained to, and the hash of its last. */
  readonly previousHash: string
  readonly hash: string
  /** The hash of the blob that holds its entries. */
  readonly blob: string
}

/** Which segments to list. */
export type JournalSegmentOptions = {
  /** Only the segment that holds this entry and those after it; default 1. */
  readonly from?: number
  /** At most so many; default 1,000. */
  readonly limit?: number
}

/**
 * An append-only, hash-chained log. Appends go through `Storage.commit`, so that they are atomic with other writes.
 * Archived entries are read as the live ones are, only slower; their ids stay taken. Where the blob of a segment was
 * erased, reading one of its entries throws `JOURNAL_ERASED`; an altered entry throws `STORAGE_CORRUPT`. Both name it.
 */
export type Journal = {
  head(): Promise<JournalHead>
  /** The sequence of the first entry that is not archived; 1 in an empty journal. The head is never archived. */
  first(): Promise<number>
  get(id: string): Promise<JournalEntry | undefined>
  /** Entries in order of sequence, fetched in bounded pages; from {@link Journal.first} on, nothing is read from blobs. */
  read(options?: JournalReadOptions): AsyncIterable<JournalEntry>
  /** The last sequence that a named consumer has acknowledged; 0 before the first. Moved by `Storage.commit`. */
  cursor(consumer: string): Promise<number>
  /** All cursors, in UTF-8 order of their consumers. */
  cursors(): Promise<readonly JournalCursor[]>
  /** What was archived, in order, the segments whose blobs were erased included. */
  segments(options?: JournalSegmentOptions): Promise<readonly JournalSegment[]>
}

/** A block holds no more entries than this, so that checking one entry means reading a bounded number of others. */
export const maximumBlockEntries = 64

/** An entry without its number and its hash. */
export type EntryDraft = Omit<JournalEntry, 'sequence' | 'hash'>

/**
 * The hash of a block of one entry: SHA-256 of `previousHash \n sequence \n id \n kind \n time \n text`.
 * `sha256` may be a faster one of the platform: lower-case hex of the UTF-8 bytes.
 */
export function chainHash(
  previousHash: string,
  entry: Omit<JournalEntry, 'hash'>,
  sha256: (text: string) => string = sha256Hex,
): string {
  return sha256(`${previousHash}\n${entry.sequence}\n${entry.id}\n${entry.kind}\n${entry.time}\n${entry.text}`)
}

/**
 * The hash that all entries of a block carry. Of one entry it is {@link chainHash}, as every entry was chained before there were blocks; of
 * several it is the SHA-256 of `previousHash \n first-last \n hash`, where `hash` is that of the text of their block. The entries follow each other.
 */
export function blockHash(
  previousHash: string,
  entries: readonly Omit<JournalEntry, 'hash'>[],
  sha256: (text: string) => string = sha256Hex,
): string {
  const [first, last] = [entries[0], entries.at(-1)]
  if (first === undefined || last === undefined) return previousHash
  return first === last
    ? chainHash(previousHash, first, sha256)
    : blockHashOf(previousHash, first.sequence, last.sequence, sha256(blockText(entries)), sha256)
}

/** As {@link blockHash}, of several entries whose text was hashed already. */
export function blockHashOf(
  previousHash: string,
  first: number,
  last: number,
  textHash: string,
  sha256: (text: string) => string = sha256Hex,
): string {
  return sha256(`${previousHash}\n${first}-${last}\n${textHash}`)
}

/**
 * The texts of a block in one: for each entry a line break and `kindLength:kind time,idLength:id textLength:text` without the spaces. The
 * lengths, in UTF-16 units, leave one way alone to read it.
 */
export function blockText(entries: readonly EntryDraft[]): string {
  let text = ''
  let kind: string | undefined
  let time: number | undefined
  let idLength = 0
  let beginning = ''
  for (const entry of entries) {
    const { id } = entry
    // Most entries of a block have the kind and the time of the one before, and an id as long.
    if (entry.kind !== kind || entry.time !== time || id.length !== idLength) {
      kind = entry.kind
      time = entry.time
      idLength = id.length
      beginning = `\n${kind.length}:${kind}${time},${idLength}:`
    }
    text += `${beginning + id + entry.text.length}:${entry.text}`
  }
  return text
}
