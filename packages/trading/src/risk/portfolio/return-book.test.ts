import { expect, test } from 'vitest'
import { bookOfCloses, sessionAt } from './portfolio-bench.test-support.js'
import { createReturnBook } from './return-book.js'

test('closes of all symbols lie on one axis of sessions, 0 where a symbol did not trade', () => {
  const book = bookOfCloses({ AAA: [100, 101, 102], BBB: [undefined, 50] })
  expect(book.sessions()).toEqual([sessionAt(0), sessionAt(1), sessionAt(2)])
  expect(book.symbols()).toEqual(['AAA', 'BBB'])
  expect([...(book.closes('AAA') ?? [])]).toEqual([100, 101, 102])
  expect([...(book.closes('BBB') ?? [])]).toEqual([0, 50, 0])
  expect(book.closes('CCC')).toBeUndefined()
})

test('the newest session displaces the oldest, and leaves nothing of it behind', () => {
  const book = bookOfCloses({ AAA: [1, 2, 3, 4, 5], BBB: [10, 20] }, createReturnBook({ sessions: 3 }))
  expect(book.sessions()).toEqual([sessionAt(2), sessionAt(3), sessionAt(4)])
  expect([...(book.closes('AAA') ?? [])]).toEqual([3, 4, 5])
  expect([...(book.closes('BBB') ?? [])]).toEqual([0, 0, 0])
})

test('a second bar of a session corrects the first, one of a session that nobody traded is dropped', () => {
  const book = bookOfCloses({ AAA: [100, 101, 102] })
  book.takeBar({ symbol: 'AAA', sessionDate: sessionAt(1), close: '99' })
  const before = book.version
  book.takeBar({ symbol: 'AAA', sessionDate: '1999-01-01', close: '1' })
  expect([...(book.closes('AAA') ?? [])]).toEqual([100, 99, 102])
  expect(book.version).toBe(before)
})

test('a close that is no positive number is kept as NaN', () => {
  const book = bookOfCloses({ AAA: ['x', '0', '-1', '1e999', 'NaN', '7'] })
  expect([...(book.closes('AAA') ?? [])]).toEqual([NaN, NaN, NaN, NaN, NaN, 7])
})

test('symbols beyond the maximum are not kept', () => {
  const book = bookOfCloses({ AAA: [1], BBB: [1] }, createReturnBook({ maximumSymbols: 1 }))
  expect(book.symbols()).toEqual(['AAA'])
})

test.each([{ sessions: 1 }, { sessions: 2.5 }, { maximumSymbols: 0 }])('options are refused: %j', (options) => {
  expect(() => createReturnBook(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})
