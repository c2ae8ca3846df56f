import { expect, test } from 'vitest'
import { createMarketBook, type MarketBook } from './market-book.js'

function feed(book: MarketBook, symbol: string, closes: readonly (number | undefined)[]): void {
  for (const [index, close] of closes.entries()) {
    if (close === undefined) continue
    const text = String(close)
    const sessionDate = `2014-01-${String(index + 1).padStart(2, '0')}`
    const prices = { open: text, high: text, low: text, close: text }
    book.takeBar({
      type: 'bar',
      symbol,
      timeframe: '1d',
      sessionDate,
      start: index,
      time: index + 1,
      ...prices,
      volume: String(index * 10),
    })
  }
}

const waves = [100, 102, 101, 104, 103, 105]

test('the last price is that of the latest open or bar', () => {
  const book = createMarketBook()
  feed(book, 'AAA', [100])
  book.takeOpen({ type: 'open', symbol: 'AAA', sessionDate: '2014-01-02', time: 9, price: '101.250000' })
  expect(book.priceOf('AAA')?.toFixed()).toBe('101.25')
  expect(book.last('AAA')).toMatchObject({ time: 9, sessionDate: '2014-01-02' })
  expect(book.last('BBB')).toBeUndefined()
})

test('the average volume is that of the last sessions, and unknown with fewer', () => {
  const book = createMarketBook()
  feed(book, 'AAA', waves)
  expect(book.averageVolume('AAA', 2)?.toFixed()).toBe('45')
  expect(book.averageVolume('AAA', 7)).toBeUndefined()
})

test('correlation is 1 for symbols that move alike and −1 for opposites, in returns and not in prices', () => {
  const book = createMarketBook()
  feed(book, 'AAA', waves)
  feed(
    book,
    'TWICE',
    waves.map((close) => close * 2),
  )
  const opposite = [100]
  for (let index = 1; index < waves.length; index += 1) {
    opposite.push((opposite[index - 1] ?? 0) * (2 - (waves[index] ?? 0) / (waves[index - 1] ?? 1)))
  }
  feed(book, 'OPPOSITE', opposite)
  expect(book.correlation('AAA', 'TWICE', 5)).toBeCloseTo(1, 10)
  expect(book.correlation('AAA', 'OPPOSITE', 5)).toBeLessThan(-0.9)
  expect(book.correlation('AAA', 'TWICE', 6)).toBeUndefined()
})

test('sessions that only one symbol traded are left out', () => {
  const book = createMarketBook()
  feed(book, 'AAA', [100, 102, 50, 101, 104])
  feed(book, 'BBB', [200, 204, undefined, 202, 208])
  expect(book.correlation('AAA', 'BBB', 3)).toBeCloseTo(1, 10)
  expect(book.correlation('AAA', 'BBB', 4)).toBeUndefined()
})

test('a price that never moves correlates with nothing', () => {
  const book = createMarketBook()
  feed(book, 'AAA', waves)
  feed(
    book,
    'FLAT',
    waves.map(() => 1),
  )
  expect(book.correlation('AAA', 'FLAT', 5)).toBeUndefined()
})
