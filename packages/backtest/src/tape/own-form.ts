import { shown } from '@tradeswarm/core'
import { z } from 'zod'
import type { BarCollector } from './bar-collector.js'
import { isSymbol } from './bar-row.js'
import { type PostCollector, storableText } from './post-collector.js'
import { postOrFault } from './post-schema.js'
import { readLines } from './read-lines.js'
import type { RowFaults } from './row-faults.js'
import { parseIsoInstant } from './tape-time.js'

const columns = {
  symbol: 'symbol',
  date: 'date',
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  adjClose: 'adjClose',
  volume: 'volume',
} as const

/** A field that there is not may be one that is misspelt, whose value would be lost. */
const ownPost = z.strictObject({
  id: z.string().min(1).max(200),
  createdAt: z.string(),
  symbol: z.string(),
  text: z.string(),
  author: z.string().max(200).optional(),
  followers: z.int().nonnegative().optional(),
})

/** Reads `bars-1d.csv`: symbol,date,open,high,low,close,adjClose,volume, the dates of each symbol ascending. */
export async function readOwnBars(path: string, faults: RowFaults, bars: BarCollector): Promise<void> {
  const reader = bars.file(path, columns)
  await readLines(path, path, faults, reader.line)
  reader.end()
}

/** Reads `posts.jsonl` or `posts.jsonl.gz`: a JSON object a line, in order of `createdAt`; `author` and `followers` may be missing. */
export async function readOwnPosts(
  path: string,
  faults: RowFaults,
  posts: PostCollector,
  symbols: ReadonlySet<string> | undefined,
): Promise<void> {
  await readLines(path, path, faults, (text, line) => {
    const place = { file: path, line }
    const row = postOrFault(ownPost, text, place, faults)
    if (row === undefined) {
      posts.counts.rows += 1
      return
    }
    if (symbols !== undefined && !symbols.has(row.symbol)) return
    posts.counts.rows += 1
    const at = parseIsoInstant(row.createdAt)
    if (at === undefined) {
      const problem = `${shown(row.createdAt)} is no UTC time such as "2014-01-02T15:04:05Z"`
      return faults.refuse('TAPE_DATE_INVALID', { ...place, field: 'createdAt' }, problem)
    }
    if (!isSymbol(row.symbol)) {
      return faults.refuse(
        'TAPE_FIELD_INVALID',
        { ...place, field: 'symbol' },
        `${shown(row.symbol)} is no symbol such as "AAPL"`,
      )
    }
    const { author, followers } = row
    posts.accept(
      {
        id: storableText(row.id),
        symbol: row.symbol,
        text: storableText(row.text),
        at,
        ...(author === undefined ? {} : { author: storableText(author) }),
        ...(followers === undefined ? {} : { followers }),
      },
      place,
      'createdAt',
    )
  })
}
