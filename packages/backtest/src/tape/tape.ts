import type { SourceItem } from '@tradeswarm/signals'
import type { Instrument, SessionDate } from '@tradeswarm/trading'

/** One day of one symbol. Amounts are decimal texts exactly as in the file, validated. */
export type TapeBar = {
  readonly symbol: string
  readonly date: SessionDate
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
}

/** One post about one symbol; a post about several symbols is there once for each. Its text is untrusted. */
export type TapePost = SourceItem

/** Cash paid on each unit held at the close before the ex-date. The amount is a decimal text with at most 6 decimals. */
export type TapeDividend = {
  readonly symbol: string
  readonly date: SessionDate
  readonly amountPerUnit: string
  readonly currency: 'USD'
}

/** What the loader saw while it read, before `from`, `to` cut the tape. */
export type TapeCounts = {
  /** Rows read, those skipped or dropped as duplicates included. */
  readonly barRows: number
  readonly postRows: number
  /** Rows equal to an earlier one in every field that is kept. */
  readonly duplicateBars: number
  readonly duplicatePosts: number
  /** Rows of a price file in which every price is missing. */
  readonly rowsWithoutPrices: number
  readonly postsWithoutBars: number
  /** Posts published at or after the close of the last day with bars, on that day: nothing can be done on them. */
  readonly postsAfterLastClose: number
  readonly symbolsWithoutBars: readonly string[]
  readonly symbolsWithoutPosts: readonly string[]
  /**
   * Lenient loading only: rows left out, by the code of the error that strict loading would have thrown. The bars of those
   * under `TAPE_DIVIDEND_NEGATIVE` are kept: of them only the adjClose was passed over.
   */
  readonly skipped: Readonly<Record<string, number>>
}

/** Where the posts of a tape are said to come from. */
export type TapeSourceInfo = { readonly name: string; readonly weight: number; readonly synthetic: boolean }

/** All that a run takes in: prices, dividends and posts, in order, with the sentences that every report of it must show. */
export type Tape = {
  readonly name: string
  readonly form: 'bundled' | 'stocknet' | 'own'
  /** Sentences that every report must show: choices made in hindsight, an index that nobody can trade, synthetic posts. */
  readonly labels: readonly string[]
  /** By symbol. */
  readonly instruments: readonly Instrument[]
  /** By (date, symbol). */
  readonly bars: readonly TapeBar[]
  /** By (at, id, symbol). */
  readonly posts: readonly TapePost[]
  /** By (date, symbol). */
  readonly dividends: readonly TapeDividend[]
  readonly source: TapeSourceInfo
  /** The session in which the first post can be acted on; earlier bars only warm up. */
  readonly tradeFrom: SessionDate
  /** The last session with bars. */
  readonly tradeTo: SessionDate
  readonly counts: TapeCounts
  /** SHA-256 over the content in canonical form: the same for the same content, whatever files it came from. */
  readonly hash: string
}
