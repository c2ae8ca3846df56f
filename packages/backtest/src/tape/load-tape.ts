import { basename, resolve } from 'node:path'
import { assertKnownOptions, shown } from '@tradeswarm/core'
import type { Instrument, SessionDate } from '@tradeswarm/trading'
import { tradingCalendar } from '@tradeswarm/trading'
import { assembleTape, type TapeWindow } from './assemble-tape.js'
import { createBarCollector } from './bar-collector.js'
import { isSymbol } from './bar-row.js'
import { checkWindow } from './check-window.js'
import { readOwnBars, readOwnPosts } from './own-form.js'
import { createPostCollector, type PostCollector } from './post-collector.js'
import { createRowFaults, type RowFaults, tapeError } from './row-faults.js'
import { readStocknetBars, readStocknetPosts } from './stocknet-form.js'
import type { Tape, TapeBar, TapeCounts, TapePost } from './tape.js'
import { recogniseForm, type TapeForm } from './tape-files.js'

/** What `loadTape` takes: the part to trade, which symbols, and what to do about wrong rows. */
export type LoadTapeOptions = TapeWindow & {
  /** Counts and skips what is wrong, instead of throwing at the first: a row that is off takes no other with it. */
  readonly lenient?: boolean
  /** Loads these symbols only. */
  readonly symbols?: readonly string[]
}

const source = { name: 'tape-posts', weight: 0.5, synthetic: false } as const
/** Posts that end so long before the bars are worth a sentence in the report. */
const silentSessions = 10

/**
 * Loads posts and daily bars of US equities from a directory: a checkout of the public StockNet dataset, or our own form
 * (`bars-1d.csv` and `posts.jsonl` or `posts.jsonl.gz`). Throws a `SwarmError` with a code `TAPE_*` and one line that names
 * file, line and field of the first thing that is wrong.
 */
export async function loadTape(path: string, options: LoadTapeOptions = {}): Promise<Tape> {
  checkOptions(options)
  const calendar = tradingCalendar('us-equity')
  const faults = createRowFaults(options.lenient ?? false)
  const symbols = options.symbols === undefined ? undefined : new Set(options.symbols)
  const form = await recogniseForm(path)
  const barCollector = createBarCollector({ calendar, faults, ...(symbols === undefined ? {} : { symbols }) })
  if (form.form === 'own') await readOwnBars(form.bars, faults, barCollector)
  else await readStocknetBars(form.prices, faults, barCollector, symbols)
  const { bars, dividends } = barCollector.finish()
  const symbolsWithBars = new Set(bars.map((bar) => bar.symbol))
  refuseUnknownSymbols(options.symbols ?? [], symbolsWithBars)
  const lastBar = bars.at(-1)
  if (lastBar === undefined) throw tapeError('TAPE_EMPTY', { file: path }, 'there is no bar to trade on')
  const postCollector = createPostCollector({
    calendar,
    faults,
    symbolsWithBars,
    lastBarDate: lastBar.date,
    ordered: form.form === 'own',
  })
  await readPosts(form, faults, postCollector, symbols)
  const posts = postCollector.finish()
  const counts: TapeCounts = {
    barRows: barCollector.counts.rows,
    postRows: postCollector.counts.rows,
    duplicateBars: barCollector.counts.duplicates,
    duplicatePosts: postCollector.counts.duplicates,
    rowsWithoutPrices: barCollector.counts.withoutPrices,
    postsWithoutBars: postCollector.counts.withoutBars,
    postsAfterLastClose: postCollector.counts.afterLastClose,
    symbolsWithoutBars: [...postCollector.symbolsWithoutBars].sort(),
    symbolsWithoutPosts: [...symbolsWithBars].filter((symbol) => !postCollector.symbolsWithPosts.has(symbol)).sort(),
    skipped: faults.skipped(),
  }
  return assembleTape(
    {
      name: basename(resolve(path)),
      form: form.form,
      labels: labelsOf(form.form, bars, posts, calendar.dateOf),
      instruments: [...symbolsWithBars].map(equity),
      bars,
      dividends,
      posts,
      source,
      counts,
    },
    options,
  )
}

function readPosts(
  form: TapeForm,
  faults: RowFaults,
  posts: PostCollector,
  symbols: ReadonlySet<string> | undefined,
): Promise<void> {
  return form.form === 'own'
    ? readOwnPosts(form.posts, faults, posts, symbols)
    : readStocknetPosts(form.tweets, faults, posts, symbols)
}

function checkOptions(options: LoadTapeOptions): void {
  assertKnownOptions('loadTape', options, ['from', 'to', 'lenient', 'symbols'])
  const { symbols } = options
  checkWindow('loadTape', options)
  const odd = symbols?.find((symbol) => !isSymbol(symbol))
  if (odd !== undefined)
    throw tapeError(
      'TAPE_OPTION_INVALID',
      { file: 'loadTape', field: 'symbols' },
      `${shown(odd)} is no symbol such as "AAPL"`,
    )
  if (symbols?.length === 0)
    throw tapeError(
      'TAPE_OPTION_INVALID',
      { file: 'loadTape', field: 'symbols' },
      'the list is empty; name a symbol or leave it out',
    )
}

function refuseUnknownSymbols(wanted: readonly string[], held: ReadonlySet<string>): void {
  const unknown = wanted.filter((symbol) => !held.has(symbol))
  if (unknown.length === 0) return
  throw tapeError(
    'TAPE_OPTION_INVALID',
    { file: 'loadTape', field: 'symbols' },
    `the tape has no bars of ${unknown.join(', ')}`,
  )
}

/** A US share as retail brokers trade it: whole shares, in cents. */
function equity(symbol: string): Instrument {
  return {
    symbol,
    kind: 'equity',
    asset: symbol,
    currency: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    minimumNotional: '1',
    calendar: 'us-equity',
  }
}

const hindsightLabels = {
  stocknet: [
    'The symbols were chosen in hindsight and are survivors: results are better than they could have been at the time.',
    'Prices are adjusted for splits in hindsight.',
  ],
  own: [
    'If the symbols were chosen in hindsight, as survivors are, results are better than they could have been at the time.',
    'If the prices were adjusted for splits in hindsight, they are not those that were quoted at the time.',
  ],
} as const

/** What a folder of our own form holds is known to whoever filled it: its sentences are conditions. */
function labelsOf(
  form: TapeForm['form'],
  bars: readonly TapeBar[],
  posts: readonly TapePost[],
  dateOf: (time: number) => SessionDate,
): readonly string[] {
  const labels: string[] = [...hindsightLabels[form]]
  const lastPost = posts.at(-1)
  if (lastPost === undefined) return [...labels, 'There are no posts.']
  const lastPostDate = dateOf(lastPost.at)
  const silent = new Set(bars.filter((bar) => bar.date > lastPostDate).map((bar) => bar.date)).size
  if (silent > silentSessions) labels.push(`The posts end on ${lastPostDate}, ${silent} sessions before the bars do.`)
  return labels
}
