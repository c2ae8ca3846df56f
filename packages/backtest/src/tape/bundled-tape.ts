import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { assertKnownOptions, createSeededRandom } from '@tradeswarm/core'
import { generateSyntheticPosts, syntheticSourceName } from '@tradeswarm/signals'
import { decimal, type Instrument, toFloat, tradingCalendar } from '@tradeswarm/trading'
import { sliceTape, type TapeWindow, tapeFromInputs } from './assemble-tape.js'
import { createBarCollector } from './bar-collector.js'
import { checkWindow } from './check-window.js'
import { readLines } from './read-lines.js'
import { createRowFaults } from './row-faults.js'
import type { Tape, TapeBar, TapePost } from './tape.js'
import { sessionOf } from './tape-calendar.js'

/** What `bundledTape` takes: the part to trade and the seed of its posts. */
export type BundledTapeOptions = TapeWindow & {
  /** Seeds the synthetic posts; default 42. */
  readonly seed?: number
}

const symbol = 'SPX'
/** Until 2013 the file's open is often the prior close; 2013 warms indicators up, trading begins with 2014. */
const firstBarDate = '2013-01-01'
const firstTradedDate = '2014-01-02'
const postsPerSession = { minimum: 4, maximum: 12 }
const columns = {
  date: 'date',
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  adjClose: 'adjclose',
  volume: 'volume',
} as const

const instrument: Instrument = {
  symbol,
  kind: 'index',
  asset: symbol,
  currency: 'USD',
  tickSize: '0.01',
  lotSize: '0.01',
  minimumNotional: '1',
  calendar: 'us-equity',
}

const labels = [
  'SPX is the S&P 500, a price index that nobody can trade: fills, fees and profits on it are an exercise, and it pays no dividends.',
  'The posts are synthetic: a seeded generator made them from templates, and their tone follows past bars and noise only.',
] as const

/**
 * The tape that needs nothing but the npm package `vega-datasets`: daily bars of the S&P 500 from 2013 to April 2020, traded
 * from 2014 on, with synthetic posts. The same seed gives the same tape. Throws
 * `INVALID_OPTION`, or like {@link loadTape}.
 */
export async function bundledTape(options: BundledTapeOptions = {}): Promise<Tape> {
  assertKnownOptions('bundledTape', options, ['from', 'to', 'seed'])
  const { seed = 42, ...window } = options
  checkWindow('bundledTape', window)
  const calendar = tradingCalendar(instrument.calendar)
  const collector = createBarCollector({ calendar, faults: createRowFaults(false) })
  const reader = collector.file('vega-datasets/data/sp500-2000.csv', columns, symbol)
  await readLines(bundledFile(), 'vega-datasets/data/sp500-2000.csv', createRowFaults(false), (line, lineNumber) => {
    if (lineNumber === 1 || line >= firstBarDate) reader.line(line, lineNumber)
  })
  const { bars, dividends } = collector.finish()
  const posts = syntheticPosts(bars, seed)
  const tradeTo = bars.at(-1)?.date ?? firstTradedDate
  const end = sessionOf(calendar, tradeTo).close
  const whole = tapeFromInputs({
    name: 'bundled',
    form: 'bundled',
    labels,
    instruments: [instrument],
    bars,
    posts: posts.filter((post) => post.at < end),
    dividends,
    source: { name: syntheticSourceName, weight: 0.5, synthetic: true },
    tradeFrom: firstTradedDate,
    tradeTo,
    counts: {
      barRows: collector.counts.rows,
      postRows: posts.length,
      duplicateBars: collector.counts.duplicates,
      duplicatePosts: 0,
      rowsWithoutPrices: collector.counts.withoutPrices,
      postsWithoutBars: 0,
      postsAfterLastClose: posts.filter((post) => post.at >= end).length,
      symbolsWithoutBars: [],
      symbolsWithoutPosts: [],
      skipped: {},
    },
  })
  return window.from === undefined && window.to === undefined ? whole : sliceTape(whole, window)
}

function bundledFile(): string {
  const require = createRequire(import.meta.url)
  const entry = require.resolve('vega-datasets')
  return join(dirname(entry), '..', 'data', 'sp500-2000.csv')
}

/** Posts from the last close before trading begins on: what comes before would be nothing but old news. */
function syntheticPosts(bars: readonly TapeBar[], seed: number): readonly TapePost[] {
  const calendar = tradingCalendar(instrument.calendar)
  const begin = calendar.previousSession(sessionOf(calendar, firstTradedDate).open).close
  const posts = generateSyntheticPosts({
    symbol,
    bars: bars.map((bar) => ({
      sessionDate: bar.date,
      closeTime: sessionOf(calendar, bar.date).close,
      close: toFloat(decimal(bar.close)),
    })),
    random: createSeededRandom(seed).fork(syntheticSourceName),
    perSession: postsPerSession,
  })
  return posts.filter((post) => post.at >= begin)
}
