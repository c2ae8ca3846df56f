import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SwarmError } from '@tradeswarm/core'
import { z } from 'zod'
import { kindOf } from '../runs/find-run.js'
import type { VenueBar, VenueDividend } from '../venues/venue.js'
import { adjustedCloses } from './adjusted-closes.js'
import { assertBars, barsIn, lastLineOf, linesOf } from './bar-rows.js'
import { type FetchChunk, joined } from './fetch-chunks.js'
import { draftName, partsFolder } from './lock-folder.js'
import { type BarTimes, settledUntil } from './settled-until.js'

const manifestName = 'fetched.json'
const dailyHeader = 'symbol,date,open,high,low,close,adjClose,volume'
/** `adjClose` is the one after it. */
const closeColumn = 5
const intradayHeader = 'symbol,start,open,high,low,close,volume'

const manifestSchema = z.object({
  format: z.literal(1),
  ranges: z.array(
    z.object({
      broker: z.string(),
      symbol: z.string(),
      timeframe: z.string(),
      from: z.string(),
      to: z.string(),
    }),
  ),
})
type Manifest = z.output<typeof manifestSchema>

const dayMs = 86_400_000
/** Lines of a table by symbol and start. */
type Rows = Map<string, Map<string, string>>

/** Asks for the dividends with an ex-date from a date to another. */
export type DividendsOf = (from: string, to: string) => Promise<readonly VenueDividend[]>

/** Whose bars: one broker's, of one symbol and timeframe. */
export type BarSeries = { readonly broker: string; readonly symbol: string; readonly timeframe: string }

/** The first bar of a series, with open, high, low and close. */
export type FirstBar = { readonly start: number; readonly prices: readonly string[]; readonly isNoted: boolean }

/** What the table holds of the series: how many bars of the range that was asked for, when the last of them begins, and how many in all. */
export type HeldBars = { readonly inRange: number; readonly last: number | undefined; readonly inAll: number }

/** `settled` is until when it is known for good what the range holds; undefined where it holds nothing. */
export type MergedBars = HeldBars & { readonly settled: number | undefined }

/** The bars of a folder that is locked, by symbol, and what has been fetched of them. Every file is written whole or not at all. */
export class BarFiles {
  readonly #folder: string
  readonly #series: BarSeries
  /** What was there of the series gives way to what is fetched now, once that is whole. */
  readonly #replaces: boolean

  constructor(folder: string, series: BarSeries, replaces = false) {
    this.#folder = folder
    this.#series = series
    this.#replaces = replaces
  }

  get #header(): string {
    return this.#series.timeframe === '1d' ? dailyHeader : intradayHeader
  }

  /** The table that all symbols of the timeframe are in. */
  get path(): string {
    return join(this.#folder, `bars-${this.#series.timeframe}.csv`)
  }

  /**
   * Which ranges are in the table. Throws `FETCH_FOREIGN` where they are another broker's, and where the table or the note of what was
   * fetched holds what no fetch has written.
   */
  async covered(): Promise<readonly FetchChunk[]> {
    const { ranges } = await this.#manifest()
    assertBars(this.path, this.#header, await textOf(this.path))
    if (this.#replaces) return []
    const { broker, symbol, timeframe } = this.#series
    const own = ranges.filter((one) => one.symbol === symbol && one.timeframe === timeframe)
    const other = own.find((one) => one.broker !== broker)
    if (other !== undefined)
      throw new SwarmError({
        code: 'FETCH_FOREIGN',
        message: `${this.path} holds bars of ${symbol} from ${other.broker}: fetch those of ${broker} into a folder of their own, or replace them with --overwrite`,
      })
    // Nothing is noted of what the table does not hold: who has removed it wants it anew.
    if (own.length > 0 && !(await this.#rows(false)).has(symbol)) return []
    return own.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }))
  }

  /** The first bar of the series in the table: when it begins, its prices as they were fetched, and whether a fetch has noted it. */
  async firstBar(): Promise<FirstBar | undefined> {
    if (this.#replaces) return undefined
    const lines = linesOf(await textOf(this.path)).filter((line) => line.startsWith(`${this.#series.symbol},`))
    const [, text, ...cells] = (lines[0] ?? '').split(',')
    if (text === undefined) return undefined
    const start = Date.parse(text)
    const noted = await this.covered()
    // A day is kept by its date alone.
    const end = this.#series.timeframe === '1d' ? start + dayMs - 1 : start
    return { start, prices: cells.slice(0, 4), isNoted: noted.some(({ from, to }) => from <= end && start <= to) }
  }

  /** How many bars a part holds that is there; undefined where it is not, or not whole: it is fetched anew then. */
  async keptBars(chunk: FetchChunk): Promise<number | undefined> {
    return barsIn(await textOf(this.#part(chunk)), this.#header)?.length
  }

  async keepPart(chunk: FetchChunk, bars: readonly VenueBar[]): Promise<void> {
    await mkdir(this.#parts(), { recursive: true })
    const rows = bars.map((bar) => this.#row(bar))
    await this.#writeWhole(this.#part(chunk), [...rows, lastLineOf(rows), ''].join('\n'))
  }

  /** What is in the table of a range. */
  async held(range: FetchChunk): Promise<HeldBars> {
    return this.#heldOf(range, this.#starts(await this.#rows(false)))
  }

  /**
   * Puts the parts of a range into the table, with the dividends of days in `adjClose`, and notes what is covered now. A range of which the
   * table would hold nothing is not noted: it may be misspelt, or the venue not have it yet.
   */
  async merge(
    range: FetchChunk,
    chunks: readonly FetchChunk[],
    times: BarTimes,
    dividends?: DividendsOf,
  ): Promise<MergedBars> {
    const rows = await this.#rows(this.#replaces)
    const parts = await Promise.all(chunks.map((chunk) => textOf(this.#part(chunk))))
    const found = parts.flatMap((text) => barsIn(text, this.#header) ?? [])
    for (const line of found) take(rows, line)
    const starts = this.#starts(rows)
    const settled = settledUntil(this.#asWritten(range), starts, times)
    const own = rows.get(this.#series.symbol)
    if (own !== undefined && settled !== undefined) {
      if (found.length > 0) await this.#writeTable(rows, own, dividends)
      await this.#note(chunks.flatMap(({ from, to }) => (from > settled ? [] : [{ from, to: Math.min(to, settled) }])))
    }
    return { ...this.#heldOf(range, starts), settled }
  }

  async #writeTable(rows: Rows, own: Map<string, string>, dividends: DividendsOf | undefined): Promise<void> {
    if (dividends !== undefined && this.#series.timeframe === '1d') await adjust(own, dividends)
    const symbols = [...rows.keys()].sort()
    // Instants in UTC and dates both sort as texts.
    const table = symbols.flatMap((symbol) => [...(rows.get(symbol) ?? [])].sort(byStart).map(([, line]) => line))
    await this.#writeWhole(this.path, `${[this.#header, ...table].join('\n')}\n`)
  }

  /** The table, with or without what it has of the series. */
  async #rows(isWithoutOwn: boolean): Promise<Rows> {
    const rows: Rows = new Map()
    const [, ...lines] = linesOf(await textOf(this.path))
    for (const line of lines) if (!isWithoutOwn || !line.startsWith(`${this.#series.symbol},`)) take(rows, line)
    return rows
  }

  /** When the bars of the series begin, in order. */
  #starts(rows: Rows): readonly number[] {
    return [...(rows.get(this.#series.symbol)?.keys() ?? [])].map((start) => Date.parse(start)).sort((a, b) => a - b)
  }

  #heldOf(range: FetchChunk, starts: readonly number[]): HeldBars {
    const { from, to } = this.#asWritten(range)
    const within = starts.filter((start) => start >= from && start <= to)
    return { inRange: within.length, last: within.at(-1), inAll: starts.length }
  }

  /** A day is kept by its date alone, whenever in it the venue lets it begin. */
  #asWritten({ from, to }: FetchChunk): FetchChunk {
    return this.#series.timeframe === '1d' ? { from: Math.floor(from / dayMs) * dayMs, to } : { from, to }
  }

  /** Lets the parts of the series go. */
  async dropParts(): Promise<void> {
    await rm(this.#parts(), { recursive: true, force: true })
  }

  /** So that the folder is a tape: one without posts, where nobody has put any. */
  async makeTape(): Promise<void> {
    if (this.#series.timeframe !== '1d') return
    const posts = ['posts.jsonl', 'posts.jsonl.gz'].map((name) => join(this.#folder, name))
    const kinds = await Promise.all(posts.map(kindOf))
    if (kinds.every((kind) => kind === 'nothing')) await this.#writeWhole(posts[0] ?? '', '')
  }

  async #note(chunks: readonly FetchChunk[]): Promise<void> {
    const { broker, symbol, timeframe } = this.#series
    const { ranges } = await this.#manifest()
    const others = ranges.filter((one) => one.symbol !== symbol || one.timeframe !== timeframe)
    const own = joined([...(await this.covered()), ...chunks]).map(({ from, to }) => ({
      broker,
      symbol,
      timeframe,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
    }))
    const manifest: Manifest = { format: 1, ranges: [...others, ...own] }
    await this.#writeWhole(join(this.#folder, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`)
  }

  async #manifest(): Promise<Manifest> {
    const path = join(this.#folder, manifestName)
    const text = await textOf(path)
    if (text === undefined) return { format: 1, ranges: [] }
    try {
      return manifestSchema.parse(JSON.parse(text))
    } catch (cause) {
      throw new SwarmError({
        code: 'FETCH_FOREIGN',
        message: `${path} is no note of what was fetched; remove it to have everything fetched anew, or name another --out`,
        cause,
      })
    }
  }

  /** One process at a time is at work in the folder, so one draft is enough. */
  async #writeWhole(path: string, text: string): Promise<void> {
    const draft = join(this.#folder, partsFolder, draftName)
    const file = await open(draft, 'w')
    try {
      await file.writeFile(text)
      // Or a machine that loses its power may keep the name and not what is in it.
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  }

  #parts(): string {
    const { broker, symbol, timeframe } = this.#series
    // Parts of a fetch that goes on are older than whoever wants all anew would have them.
    const name = `${broker}-${symbol}-${timeframe}${this.#replaces ? '-anew' : ''}`
    return join(this.#folder, partsFolder, name)
  }

  #part({ from, to }: FetchChunk): string {
    const name = [from, to].map((time) => new Date(time).toISOString().replaceAll(':', '')).join('_')
    return join(this.#parts(), `${name}.csv`)
  }

  #row({ symbol, start, open, high, low, close, volume }: VenueBar): string {
    const instant = new Date(start).toISOString()
    return this.#series.timeframe === '1d'
      ? [symbol, instant.slice(0, 10), open, high, low, close, close, volume].join(',')
      : [symbol, instant.replace('.000Z', 'Z'), open, high, low, close, volume].join(',')
  }
}

function take(rows: Rows, line: string): void {
  const [symbol = '', start = ''] = line.split(',', 2)
  const own = rows.get(symbol) ?? new Map<string, string>()
  rows.set(symbol, own)
  own.set(start, line)
}

/** Writes `adjClose` anew into the rows of one symbol: a range that is added changes those of earlier ranges. */
async function adjust(rows: Map<string, string>, dividends: DividendsOf): Promise<void> {
  const dates = [...rows.keys()].sort()
  const cells = dates.map((date) => (rows.get(date) ?? '').split(','))
  const closes = cells.map((row, index) => ({ date: dates[index] ?? '', close: row[closeColumn] ?? '' }))
  const paid = await dividends(dates[0] ?? '', dates.at(-1) ?? '')
  for (const [index, adjClose] of adjustedCloses(closes, paid).entries())
    rows.set(dates[index] ?? '', (cells[index] ?? []).with(closeColumn + 1, adjClose).join(','))
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function byStart([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}
