import type { BookLevel } from '@tradeswarm/broker-kit'
import { expect, test } from 'vitest'
import { OrderBook } from './order-book.js'
import type { BookUpdate } from './parse-market-data.js'

const update = (fields: Partial<BookUpdate>): BookUpdate => ({
  bids: [],
  asks: [],
  time: 1,
  sequence: 1,
  previous: -1,
  checksum: undefined,
  ...fields,
})
const bids: readonly BookLevel[] = [
  ['3366.1', '7'],
  ['3366', '6'],
]
const asks: readonly BookLevel[] = [
  ['3366.8', '9'],
  ['3368', '8'],
]

test('the checksum is that of the venue', () => {
  const book = new OrderBook('A')
  expect(book.take('snapshot', update({ bids, asks, checksum: -1881014294 }))).toBe(true)
  // One side is shorter: the rest of the other follows.
  const uneven: readonly BookLevel[] = [
    ['3366.8', '9'],
    ['3368', '8'],
    ['3372', '8'],
  ]
  expect(book.take('snapshot', update({ bids: [['3366.1', '7']], asks: uneven, checksum: 831078360 }))).toBe(true)
  expect(book.take('snapshot', update({ bids, asks, checksum: 1 }))).toBe(false)
  expect(book.view()).toBeUndefined()
})

test('changes put, replace and take away levels, the best first', () => {
  const book = new OrderBook('A')
  book.take('snapshot', update({ bids, asks }))
  const changed = update({
    bids: [
      ['3366.5', '1'],
      ['3366', '0'],
    ],
    asks: [
      ['3366.8', '2'],
      ['3367', '4'],
    ],
    previous: 1,
    sequence: 2,
  })
  expect(book.take('update', changed)).toBe(true)
  expect(book.view()).toEqual({
    symbol: 'A',
    time: 1,
    bids: [
      ['3366.5', '1'],
      ['3366.1', '7'],
    ],
    asks: [
      ['3366.8', '2'],
      ['3367', '4'],
      ['3368', '8'],
    ],
  })
  expect(book.view(1)?.asks).toEqual([['3366.8', '2']])
})

test('a change that does not follow the last one breaks it until the next snapshot; a sign of life and a reset do not', () => {
  const book = new OrderBook('A')
  book.take('snapshot', update({ bids, asks, sequence: 10 }))
  expect(book.take('update', update({ previous: 10, sequence: 10 }))).toBe(true)
  expect(book.take('update', update({ previous: 10, sequence: 3 }))).toBe(true)
  expect(book.take('update', update({ previous: 3, sequence: 5 }))).toBe(true)
  expect(book.take('update', update({ previous: 6, sequence: 7 }))).toBe(false)
  expect(book.take('update', update({ previous: 7, sequence: 8 }))).toBe(false)
  expect(book.view()).toBeUndefined()
  expect(book.take('snapshot', update({ bids, asks, sequence: 20 }))).toBe(true)
})
