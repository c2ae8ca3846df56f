import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, zero } from '@tradeswarm/trading'
import { candleSpan } from './candle-bars.js'
import type { FakeOkxCandle } from './fake-okx-options.js'
import type { OkxListing } from './okx-instruments.js'

/** A bar of trades. */
export type Candle = {
  readonly start: EpochMs
  open: Decimal
  high: Decimal
  low: Decimal
  close: Decimal
  /** In base coins, or contracts; in the base coin (of spot in the quote currency); in the quote currency. */
  volume: Decimal
  volumeInCoin: Decimal
  volumeInQuote: Decimal
}

/** What a day told as a whole is a bar of. */
export const dayBar = '1Dutc'

/** So many minutes are kept, and so many that nobody traded in are filled up. */
const kept = 20_000
const mostFilled = 2_000
const minuteMs = 60_000

/** The candles of one instrument: of each minute, from which all others are made, and those that were there before. */
export class CandleStore {
  readonly #listing: OkxListing
  readonly #minutes: Candle[] = []
  readonly #presets: Map<string, readonly Candle[]>

  constructor(listing: OkxListing, presets: Readonly<Record<string, readonly FakeOkxCandle[]>> = {}) {
    this.#listing = listing
    this.#presets = new Map(Object.entries(presets).map(([bar, rows]) => [bar, rows.map(readCandle)]))
  }

  /** Counts a trade into its minute. */
  note(time: EpochMs, price: Decimal, quantity: Decimal): void {
    const start = time - (time % minuteMs)
    const last = this.#minutes.at(-1)
    const quote = quantity.times(this.#listing.unit).times(price)
    const coin = this.#listing.instType === 'SWAP' ? quantity.times(this.#listing.unit) : quote
    if (last !== undefined && last.start >= start) {
      if (last.volume.eq(zero)) last.open = last.high = last.low = price
      if (price.gt(last.high)) last.high = price
      if (price.lt(last.low)) last.low = price
      last.close = price
      last.volume = last.volume.plus(quantity)
      last.volumeInCoin = last.volumeInCoin.plus(coin)
      last.volumeInQuote = last.volumeInQuote.plus(quote)
      return
    }
    if (last !== undefined) this.#fillUp(last, start)
    const prices = { open: price, high: price, low: price, close: price }
    this.#minutes.push({ start, ...prices, volume: quantity, volumeInCoin: coin, volumeInQuote: quote })
    if (this.#minutes.length > 2 * kept) this.#minutes.splice(0, kept)
  }

  /** Adds the bar of a whole day, where the market is told by days. */
  noteDay(start: EpochMs, prices: Pick<Candle, 'open' | 'high' | 'low' | 'close'>, volume: Decimal): Candle {
    const quote = volume.times(this.#listing.unit).times(prices.close)
    const coin = this.#listing.instType === 'SWAP' ? volume.times(this.#listing.unit) : quote
    const day: Candle = { start, ...prices, volume, volumeInCoin: coin, volumeInQuote: quote }
    this.#presets.set(dayBar, [...(this.#presets.get(dayBar) ?? []), day])
    return day
  }

  /** Rows of a bar, oldest first, up to an instant. */
  rows(bar: string, now: EpochMs): readonly Candle[] {
    const last = this.#minutes.at(-1)
    if (last !== undefined) this.#fillUp(last, now - (now % minuteMs) + minuteMs)
    const presets = this.#presets.get(bar) ?? merged(this.#presets.get('1m') ?? [], bar)
    const made = bar === '1m' ? this.#minutes : merged(this.#minutes, bar)
    const first = made[0]?.start
    return first === undefined ? presets : [...presets.filter(({ start }) => start < first), ...made]
  }

  /** The row of a bar that an instant lies in, as far as it is known. */
  current(bar: string, now: EpochMs): Candle | undefined {
    const { start } = candleSpan(bar, now)
    let from = this.#minutes.length
    while (from > 0 && (this.#minutes[from - 1] as Candle).start >= start) from -= 1
    return merged(this.#minutes.slice(from), bar)[0]
  }

  /** A minute in which nobody traded repeats the close before. */
  #fillUp({ start, close }: Candle, until: EpochMs): void {
    const first = Math.max(start + minuteMs, until - mostFilled * minuteMs)
    const prices = { open: close, high: close, low: close, close }
    for (let time = first; time < until; time += minuteMs)
      this.#minutes.push({ start: time, ...prices, volume: zero, volumeInCoin: zero, volumeInQuote: zero })
  }
}

/** Minutes made into longer bars. */
function merged(minutes: readonly Candle[], bar: string): readonly Candle[] {
  const rows: Candle[] = []
  for (const minute of minutes) {
    const { start } = candleSpan(bar, minute.start)
    const row = rows.at(-1)
    if (row?.start !== start) {
      rows.push({ ...minute, start })
      continue
    }
    if (minute.high.gt(row.high)) row.high = minute.high
    if (minute.low.lt(row.low)) row.low = minute.low
    row.close = minute.close
    row.volume = row.volume.plus(minute.volume)
    row.volumeInCoin = row.volumeInCoin.plus(minute.volumeInCoin)
    row.volumeInQuote = row.volumeInQuote.plus(minute.volumeInQuote)
  }
  return rows
}

function readCandle(row: FakeOkxCandle): Candle {
  const [open, high, low, close, volume, volumeInCoin, volumeInQuote] = row.slice(1).map((text) => decimal(text)) as [
    Decimal,
    Decimal,
    Decimal,
    Decimal,
    Decimal,
    Decimal,
    Decimal,
  ]
  return { start: Number(row[0]), open, high, low, close, volume, volumeInCoin, volumeInQuote }
}

/** A candle as the API tells it: nine texts, the last of which says whether it is complete. */
export function candleJson(candle: Candle, bar: string, now: EpochMs): readonly string[] {
  const { start, open, high, low, close, volume, volumeInCoin, volumeInQuote } = candle
  const isComplete = candleSpan(bar, start).end <= now
  const figures = [open, high, low, close, volume, volumeInCoin, volumeInQuote].map(decimalText)
  return [String(start), ...figures, isComplete ? '1' : '0']
}
