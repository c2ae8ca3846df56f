import { join } from 'node:path'
import { sha256Hex, shown } from '@tradeswarm/core'
import { z } from 'zod'
import type { BarCollector } from './bar-collector.js'
import { isSymbol } from './bar-row.js'
import { type PostCollector, storableText } from './post-collector.js'
import { postOrFault } from './post-schema.js'
import { readLines } from './read-lines.js'
import type { RowFaults } from './row-faults.js'
import { namesIn } from './tape-files.js'
import { isCalendarDate, parseTweetInstant } from './tape-time.js'

const columns = {
  date: 'Date',
  open: 'Open',
  high: 'High',
  low: 'Low',
  close: 'Close',
  adjClose: 'Adj Close',
  volume: 'Volume',
} as const

/** The fields of a tweet object that are kept. A retweet's own text begins with `RT @`; its `retweeted_status` is not needed. */
const tweet = z.object({
  created_at: z.string(),
  id_str: z.string().regex(/^\d{1,20}$/),
  text: z.string(),
  user: z.object({ id_str: z.string().regex(/^\d{1,20}$/), followers_count: z.int().nonnegative() }),
})

/** Reads `price/raw/SYMBOL.csv`: Date,Open,High,Low,Close,Adj Close,Volume; rows in which every price is `null` are missing data. */
export async function readStocknetBars(
  directory: string,
  faults: RowFaults,
  bars: BarCollector,
  symbols: ReadonlySet<string> | undefined,
): Promise<void> {
  for (const name of await namesIn(directory)) {
    if (!name.endsWith('.csv')) continue
    const symbol = name.slice(0, -'.csv'.length)
    const file = join(directory, name)
    if (symbols !== undefined && !symbols.has(symbol)) continue
    if (!isSymbol(symbol)) {
      faults.refuse('TAPE_FIELD_INVALID', { file, field: 'name' }, `${shown(symbol)} is no symbol such as "AAPL"`)
      continue
    }
    const reader = bars.file(file, columns, symbol)
    await readLines(file, file, faults, reader.line)
    reader.end()
  }
}

/** Reads `tweet/raw/SYMBOL/DATE`: a tweet object a line, in any order. Authors become opaque ids. */
export async function readStocknetPosts(
  directory: string,
  faults: RowFaults,
  posts: PostCollector,
  symbols: ReadonlySet<string> | undefined,
): Promise<void> {
  const authors = new Map<string, string>()
  for (const symbol of await namesIn(directory)) {
    if (symbols !== undefined && !symbols.has(symbol)) continue
    const folder = join(directory, symbol)
    for (const date of await namesIn(folder)) {
      const file = join(folder, date)
      if (isCalendarDate(date)) await readLines(file, file, faults, tweetReader(symbol, file, faults, posts, authors))
      else faults.refuse('TAPE_DATE_INVALID', { file, field: 'name' }, `${shown(date)} is no date YYYY-MM-DD`)
    }
  }
}

function tweetReader(
  symbol: string,
  file: string,
  faults: RowFaults,
  posts: PostCollector,
  authors: Map<string, string>,
) {
  return (text: string, line: number) => {
    const place = { file, line }
    posts.counts.rows += 1
    const row = postOrFault(tweet, text, place, faults)
    if (row === undefined) return
    const at = parseTweetInstant(row.created_at)
    if (at === undefined) {
      const problem = `${shown(row.created_at)} is no time such as "Wed Jan 01 03:59:03 +0000 2014"`
      return faults.refuse('TAPE_DATE_INVALID', { ...place, field: 'created_at' }, problem)
    }
    const author = opaqueAuthor(row.user.id_str, authors)
    posts.accept(
      { id: row.id_str, symbol, text: storableText(row.text), at, author, followers: row.user.followers_count },
      place,
      'created_at',
    )
  }
}

/** An id that is the same wherever its author posts, and shows no account name or number. */
function opaqueAuthor(userId: string, authors: Map<string, string>): string {
  let author = authors.get(userId)
  if (author === undefined) {
    author = sha256Hex(`stocknet author ${userId}`).slice(0, 12)
    authors.set(userId, author)
  }
  return author
}
