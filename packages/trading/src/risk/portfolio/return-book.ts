import type { SessionDate } from '../../instruments/trading-calendar.js'
import type { BarEvent } from '../../market/market-event.js'
import { wholeOption } from './whole-option.js'

/** 250 returns of an equity beside a symbol that trades every day of the week: 251 sessions of the one lie within 365 of the other. */
const defaults = { sessions: 400, maximumSymbols: 2_000 }

/** What a {@link ReturnBook} keeps. */
export type ReturnBookOptions = {
  /** Sessions kept, 2 to 10,000; 400 when absent. */
  readonly sessions?: number
  /** Symbols kept, 1 to 100,000; 2,000 when absent. Bars of further symbols are not kept, and their history counts as missing. */
  readonly maximumSymbols?: number
}

/** Closes of many symbols on one axis of sessions, bounded: the newest session displaces the oldest. */
export type ReturnBook = {
  /**
   * Takes the close of a finished bar. A second bar of a session corrects the first; one of a session older than the newest that no
   * symbol traded is dropped.
   */
  takeBar(bar: Pick<BarEvent, 'symbol' | 'sessionDate' | 'close'>): void
  /** After a split the closes of sessions before are what they would have been with the new units: it is no return. */
  takeSplit(symbol: string, numerator: number, denominator: number, sessionDate: SessionDate): void
  /** Counts what was taken: what was prepared from an older version is out of date. */
  readonly version: number
  /** The sessions kept, the oldest first. */
  sessions(): readonly SessionDate[]
  /** The symbols seen, by name. */
  symbols(): readonly string[]
  /** Closes by session, as `sessions()` has them: 0 where the symbol did not trade, NaN where its close was no positive number. */
  closes(symbol: string): Float64Array | undefined
}

/** An empty book. Throws `INVALID_OPTION`. */
export function createReturnBook(options: ReturnBookOptions = {}): ReturnBook {
  const capacity = wholeOption('sessions', options.sessions ?? defaults.sessions, 2, 10_000)
  const maximumSymbols = wholeOption('maximumSymbols', options.maximumSymbols ?? defaults.maximumSymbols, 1, 100_000)
  const rings = new Map<string, Float64Array>()
  const dates: SessionDate[] = []
  let head = -1
  let count = 0

  const slotOf = (age: number): number => (head - age + capacity) % capacity
  const begin = (date: SessionDate): number => {
    head = (head + 1) % capacity
    count = Math.min(count + 1, capacity)
    dates[head] = date
    for (const ring of rings.values()) ring[head] = 0
    return head
  }
  const find = (date: SessionDate): number | undefined => {
    for (let age = 0; age < count; age += 1) {
      const kept = dates[slotOf(age)] as SessionDate
      if (kept === date) return slotOf(age)
      if (kept < date) return age === 0 ? begin(date) : undefined
    }
    return count === 0 ? begin(date) : undefined
  }
  // Counted in a field: an object literal with a getter is slow at each look at any of it.
  const book: ReturnBook & { version: number } = {
    version: 0,
    takeBar({ symbol, sessionDate, close }) {
      let ring = rings.get(symbol)
      if (ring === undefined) {
        if (rings.size >= maximumSymbols) return
        ring = new Float64Array(capacity)
        rings.set(symbol, ring)
      }
      const slot = find(sessionDate)
      if (slot === undefined) return
      const price = Number(close)
      ring[slot] = price > 0 && Number.isFinite(price) ? price : Number.NaN
      book.version += 1
    },
    takeSplit(symbol, numerator, denominator, sessionDate) {
      const ring = rings.get(symbol)
      if (ring === undefined) return
      for (const [slot, close] of ring.entries())
        if ((dates[slot] ?? '') < sessionDate) ring[slot] = (close * denominator) / numerator
      book.version += 1
    },
    sessions: () => Array.from({ length: count }, (_, index) => dates[slotOf(count - 1 - index)] as SessionDate),
    symbols: () => [...rings.keys()].sort(),
    closes(symbol) {
      const ring = rings.get(symbol)
      if (ring === undefined) return undefined
      const closes = new Float64Array(count)
      for (let index = 0; index < count; index += 1) closes[index] = ring[slotOf(count - 1 - index)] as number
      return closes
    },
  }
  return book
}
