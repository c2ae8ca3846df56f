import type { SwarmError } from '../errors/swarm-error.js'
import { chainEntry } from './chain-entry.js'
import type { JournalEntry, JournalHead, JournalSegment } from './journal.js'
import { storageCorrupt } from './storage-errors.js'

type Line = readonly [id: string, kind: string, time: number, text: string]

const format = 'tradeswarm-journal-segment-1'

/**
 * The text of a segment's blob: a line with its format, and a line for each entry, `[id, kind, time, text]` in JSON.
 * Sequences and hashes are left out, for they follow from the segment; so reading it proves the chain.
 */
export function segmentText(entries: readonly JournalEntry[]): string {
  const lines = entries.map(({ id, kind, time, text }) => JSON.stringify([id, kind, time, text] satisfies Line))
  return [format, ...lines].join('\n')
}

/**
 * The entries of a segment from the text of its blob, chained anew.
 * Throws `STORAGE_CORRUPT` when the text is none or they do not end in the segment's hash.
 */
export function segmentEntries(segment: JournalSegment, text: string, place: string): readonly JournalEntry[] {
  const entries: JournalEntry[] = []
  let head: JournalHead = { sequence: segment.from - 1, hash: segment.previousHash }
  try {
    const [first, ...lines] = text.split('\n')
    if (first !== format) throw new SyntaxError(`its format is not ${format}`)
    for (const line of lines) {
      const [id, kind, time, content] = JSON.parse(line) as Line
      const entry = chainEntry(head, { id, kind, time, text: content })
      entries.push(entry)
      head = entry
    }
  } catch (error) {
    throw corrupt(segment, place, error instanceof SyntaxError ? error.message : 'a line of it is no entry')
  }
  if (head.sequence === segment.to && head.hash === segment.hash) return entries
  throw corrupt(segment, place, `its entries end at ${head.sequence} with the hash ${head.hash}`)
}

function corrupt(segment: JournalSegment, place: string, why: string): SwarmError {
  const { from, to, blob } = segment
  const what = `the archived entries ${from} to ${to} in blob ${blob} are not what was archived (${why})`
  return storageCorrupt(place, what, { table: 'blobs', key: blob, sequence: from })
}
