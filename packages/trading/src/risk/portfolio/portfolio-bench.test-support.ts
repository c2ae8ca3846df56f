import { createSeededRandom } from '@tradeswarm/core'
import { createReturnBook, type ReturnBook } from './return-book.js'

/** Dates one after the other, as good as any for sessions. */
export function sessionAt(index: number): string {
  const [month, day] = [Math.floor(index / 28) % 12, index % 28]
  const text = (value: number): string => String(value).padStart(2, '0')
  return `${2000 + Math.floor(index / 336)}-${text(month + 1)}-${text(day + 1)}`
}

/** A book fed with closes by symbol, session by session; `undefined` is a session without a bar. */
export function bookOfCloses(
  closes: Readonly<Record<string, readonly (number | string | undefined)[]>>,
  book: ReturnBook = createReturnBook(),
): ReturnBook {
  const length = Math.max(...Object.values(closes).map((row) => row.length))
  for (let index = 0; index < length; index += 1)
    for (const [symbol, row] of Object.entries(closes)) {
      const close = row[index]
      if (close !== undefined) book.takeBar({ symbol, sessionDate: sessionAt(index), close: String(close) })
    }
  return book
}

/** Closes that begin at 100 and move by these returns. */
export function closesOf(returns: readonly number[]): number[] {
  let close = 100
  return [close, ...returns.map((value) => (close *= 1 + value))]
}

/** Returns of so many symbols, part common, part their own: `S0`, `S1`, … */
export function randomReturns(seed: number, symbols: number, window: number): Record<string, number[]> {
  const random = createSeededRandom(seed)
  const uniform = (): number => random.next() - 0.5
  const market = Array.from({ length: window }, () => uniform() * 0.03)
  return Object.fromEntries(
    Array.from({ length: symbols }, (_, index) => [
      `S${index}`,
      market.map((move) => move * (0.5 + (index % 5) / 4) + uniform() * 0.04),
    ]),
  )
}

/** The same returns again and again until there are enough. */
export function repeated(pattern: readonly number[], window: number): number[] {
  return Array.from({ length: window }, (_, index) => pattern[index % pattern.length] as number)
}
