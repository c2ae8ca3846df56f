import type { SwarmError } from '../errors/swarm-error.js'
import { JournalBlock } from './chain-entries.js'
import {
  type EntryDraft,
  type JournalEntry,
  type JournalHead,
  type JournalSegment,
  maximumBlockEntries,
} from './journal.js'
import { storageCorrupt } from './storage-errors.js'

/** The first entry of a block of several says how many they are. */
type Line = readonly [id: string, kind: string, time: number, text: string, blockEntries?: number]

/** Of entries that are each a block of their own, as all once were. */
const singlesFormat = 'tradeswarm-journal-segment-1'
const blocksFormat = 'tradeswarm-journal-segment-2'

/**
 * The text of a segment's blob: a line with its format, and a line for each entry, `[id, kind, time, text]` in JSON, with the number of entries
 * after that of a block's first. Sequences and hashes are left out, for they follow from the segment; so reading it proves the chain.
 */
export function segmentText(entries: readonly JournalEntry[]): string {
  const lines: string[] = []
  let format = singlesFormat
  for (let index = 0, left = 0; index < entries.length; index += 1, left -= 1) {
    const { id, kind, time, text, hash } = entries[index] as JournalEntry
    const isFirst = left === 0
    if (isFirst) left = runLength(entries, index, hash)
    if (isFirst && left > 1) format = blocksFormat
    lines.push(
      JSON.stringify((isFirst && left > 1 ? [id, kind, time, text, left] : [id, kind, time, text]) satisfies Line),
    )
  }
  return [format, ...lines].join('\n')
}

/** How many entries from a place on have one hash. */
function runLength(entries: readonly JournalEntry[], start: number, hash: string): number {
  let end = start
  while (entries[end]?.hash === hash) end += 1
  return end - start
}

/**
 * The entries of a segment from the text of its blob, chained anew.
 * Throws `STORAGE_CORRUPT` when the text is none or they do not end in the segment's hash.
 */
export function segmentEntries(segment: JournalSegment, text: string, place: string): readonly JournalEntry[] {
  const entries: JournalEntry[] = []
  let head: JournalHead = { sequence: segment.from - 1, hash: segment.previousHash }
  try {
    for (const drafts of blocksOf(text)) {
      const { last, hash } = JournalBlock.chain(head, drafts, entries)
      head = { sequence: last, hash }
    }
  } catch (error) {
    throw corrupt(segment, place, error instanceof SyntaxError ? error.message : 'a line of it is no entry')
  }
  if (head.sequence === segment.to && head.hash === segment.hash) return entries
  throw corrupt(segment, place, `its entries end at ${head.sequence} with the hash ${head.hash}`)
}

/** Throws a `SyntaxError` for what is no segment. */
function* blocksOf(text: string): Generator<readonly EntryDraft[]> {
  const [format, ...lines] = text.split('\n')
  if (format !== singlesFormat && format !== blocksFormat)
    throw new SyntaxError(`its format is neither ${singlesFormat} nor ${blocksFormat}`)
  let block: EntryDraft[] = []
  let size = 0
  for (const line of lines) {
    const [id, kind, time, content, blockEntries = 1] = JSON.parse(line) as Line
    if (block.length === 0) size = blockEntries
    block.push({ id, kind, time, text: content })
    if (!(size >= 1 && size <= maximumBlockEntries)) throw new SyntaxError(`a block of it has ${size} entries`)
    if (block.length < size) continue
    yield block
    block = []
  }
  if (block.length > 0) throw new SyntaxError(`its last block has ${block.length} entries where ${size} are due`)
}

function corrupt(segment: JournalSegment, place: string, why: string): SwarmError {
  const { from, to, blob } = segment
  const what = `the archived entries ${from} to ${to} in blob ${blob} are not what was archived (${why})`
  return storageCorrupt(place, what, { table: 'blobs', key: blob, sequence: from })
}
