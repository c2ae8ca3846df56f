import type { BookLevel, BookView } from '@tradeswarm/broker-kit'
import { createSeededRandom } from '@tradeswarm/core'
import { createFakeAlpaca, type FakeAlpaca } from '@tradeswarm/testing/fakes'
import fc from 'fast-check'
import { afterEach, describe, expect, it, test } from 'vitest'
import { BookDesk } from './book-desk.js'
import { type AlpacaMarketDataOptions, createAlpacaMarketData } from './create-alpaca-market-data.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { createKeptLog, until } from './live-account.test-support.js'
import { OrderBook } from './order-book.js'
import { type AlpacaBook, parseBook } from './parse-market-data.js'

afterEach(stopAll)

const symbol = 'BTC-USD'
const update = (fields: Partial<AlpacaBook>): AlpacaBook => ({
  symbol,
  time: 1,
  bids: [],
  asks: [],
  isReset: false,
  ...fields,
})
const bids: readonly BookLevel[] = [
  ['49990', '3'],
  ['49980', '5'],
]
const asks: readonly BookLevel[] = [
  ['50010', '2'],
  ['50020', '4'],
]
const whole = update({ bids, asks, isReset: true })

describe('a book', () => {
  it('is read as the stream and the latest books tell it, levels that are gone with a size of 0', () => {
    const told = {
      T: 'o',
      S: 'BTC/USD',
      t: '2026-03-02T15:00:00.5Z',
      b: [{ p: 49990.5, s: 0.25 }],
      a: [{ p: 0.5, s: 0 }],
    }
    expect(parseBook(symbol, told)).toEqual({
      symbol,
      time: Date.UTC(2026, 2, 2, 15, 0, 0, 500),
      bids: [['49990.5', '0.25']],
      asks: [['0.5', '0']],
      isReset: false,
    })
    expect(() => parseBook(symbol, { ...told, a: [{ p: 'x', s: 1 }] })).toThrow(/BROKER_BAD_PAYLOAD|a level/)
  })

  it('knows nothing before a whole one has come, and puts, replaces and takes away levels', () => {
    const book = new OrderBook(symbol)
    expect(book.take(update({ bids }))).toBe(false)
    expect(book.view()).toBeUndefined()
    expect(book.take(whole)).toBe(true)
    const change = update({
      time: 2,
      bids: [
        ['49995', '1'],
        ['49980', '0'],
      ],
      asks: [['50010', '7']],
    })
    expect(book.take(change)).toBe(true)
    expect(book.view()).toMatchObject({ time: 2, bids: [['49995', '1'], bids[0]], asks: [['50010', '7'], asks[1]] })
    expect(book.view(1)?.bids).toEqual([['49995', '1']])
  })

  it('whose sides cross has missed something', () => {
    const book = new OrderBook(symbol)
    book.take(whole)
    expect(book.take(update({ bids: [['50015', '1']] }))).toBe(false)
    expect(book.view()).toBeUndefined()
    expect(book.take(update({ bids: [['49970', '1']] }))).toBe(false)
    // One that comes crossed is as the venue has it.
    expect(book.take(update({ bids: [['50015', '1']], asks, isReset: true }))).toBe(true)
    expect(book.take(update({ asks: [['50030', '1']] }))).toBe(true)
  })
})

test('whatever changes come, the levels are those that a table of prices would hold, in order', () => {
  const level = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 3 }))
  fc.assert(
    fc.property(fc.array(level, { maxLength: 60 }), (changes) => {
      const book = new OrderBook(symbol)
      book.take(update({ isReset: true }))
      const table = new Map<number, number>()
      for (const [price, size] of changes) {
        book.take(update({ bids: [[String(price), String(size)]] }))
        if (size === 0) table.delete(price)
        else table.set(price, size)
      }
      const expected = [...table].toSorted(([a], [b]) => b - a).map(([price, size]) => [String(price), String(size)])
      expect(book.view()?.bids).toEqual(expected)
    }),
  )
})

test('one that is not whole is asked for anew, not more than once in five seconds', () => {
  let now = 0
  const asked: number[] = []
  const desk = new BookDesk({
    symbols: [symbol],
    clock: { now: () => now },
    askAnew: () => void asked.push(now),
    logger: createKeptLog().logger,
  })
  desk.begin()
  now = 1_000
  desk.take(update({ bids }))
  now = 6_000
  desk.take(update({ bids }))
  now = 7_000
  desk.take(update({ bids }))
  now = 11_000
  desk.take(update({ bids }))
  expect(asked).toEqual([6_000, 11_000])
  desk.take(whole)
  desk.doubtAll()
  expect(desk.lost).toBe(1)
  now = 20_000
  desk.take(update({ bids }))
  expect(asked).toEqual([6_000, 11_000, 20_000])
})

const optionsFor = (fake: FakeAlpaca): AlpacaMarketDataOptions => ({
  keyId: fake.keyId,
  secret: fake.secret,
  symbols: ['AAPL', symbol],
  bookSymbols: [symbol],
  urls: { data: fake.url },
  requestTimeoutMs: 10_000,
})

async function openBook(options: Partial<AlpacaMarketDataOptions> = {}) {
  const fake = await createFakeAlpaca()
  stopLater(() => fake.close())
  await fake.book('BTC/USD', bids, asks)
  await fake.market.trade('AAPL', '187.5')
  await fake.market.trade('BTC/USD', '50000')
  const { logger, lines } = createKeptLog()
  const feed = await createAlpacaMarketData({ ...optionsFor(fake), ...options }).open({
    random: createSeededRandom(1),
    logger,
  })
  stopLater(() => feed.close())
  const books: BookView[] = []
  feed.subscribeBooks((book) => void books.push(book))
  await until(() => feed.book(symbol) !== undefined, 'a whole book')
  return { fake, feed, books, lines }
}

describe('the live books', () => {
  it('begin whole, and are kept from what changes', async () => {
    const { fake, feed, books } = await openBook()
    expect(feed.book(symbol)).toMatchObject({ bids, asks })
    await fake.book('BTC/USD', [['49995', '1'], ...bids.slice(1)], asks.slice(0, 1))
    await until(() => feed.book(symbol)?.bids[0]?.[0] === '49995', 'a change')
    expect(books.at(-1)).toMatchObject({ symbol, bids: [['49995', '1'], bids[1]], asks: [asks[0]] })
    fake.resetBook('BTC/USD')
    const count = books.length
    await until(() => books.length > count, 'the whole anew')
    expect(feed.book(symbol)?.asks).toEqual([asks[0]])
    expect(feed.counters.lostBooks).toBe(0)
  })

  it('reach the others where a listener throws, whose own fault that is', async () => {
    const { fake, feed, books, lines } = await openBook()
    const later: BookView[] = []
    feed.subscribeBooks(() => {
      throw new Error('of the user')
    })
    // As of an async function, which a user may well write.
    const rejecting = (): unknown => Promise.reject(new Error('of the user, later'))
    feed.subscribeBooks(rejecting as () => void)
    feed.subscribeBooks((book) => void later.push(book))
    await fake.book('BTC/USD', [['49995', '1']], asks)
    await until(() => later.length === 1, 'a change')
    expect(books.at(-1)).toEqual(later[0])
    await fake.book('BTC/USD', [['49996', '1']], asks)
    await until(() => later.length === 2, 'the next')
    expect(feed.counters.lostBooks).toBe(0)
    const fault = 'a listener of order books failed {"symbol":"BTC-USD","error":"of the user'
    expect(lines.toSorted()).toEqual([`${fault}"}`, `${fault}"}`, `${fault}, later"}`, `${fault}, later"}`].toSorted())
  })

  it('are asked for anew when a change that was missed shows', async () => {
    let now = 0
    const clock = { now: () => now, at: () => () => undefined }
    const { fake, feed, lines } = await openBook({ transport: { clock } })
    now = 10_000
    fake.conditions.frozenMarketData = true
    await fake.book('BTC/USD', [['50050', '1']], [['50060', '1']])
    fake.conditions.frozenMarketData = false
    await fake.book('BTC/USD', [['50055', '1']], [['50060', '1']])
    await until(() => feed.counters.lostBooks === 1, 'it shows')
    await until(() => feed.book(symbol) !== undefined, 'the whole anew')
    expect(feed.book(symbol)).toMatchObject({ bids: [['50055', '1']], asks: [['50060', '1']] })
    expect(lines.join()).toContain('asked for anew')
  })

  it('are whole again after a break', async () => {
    const { fake, feed } = await openBook()
    fake.cutStreams('market')
    await until(() => !feed.isUp, 'the break is noticed')
    expect(feed.book(symbol)).toBeUndefined()
    await fake.book('BTC/USD', [['49000', '1']], [['49010', '1']])
    await until(() => feed.book(symbol)?.bids[0]?.[0] === '49000', 'the new book')
    expect(feed.book(symbol)?.asks).toEqual([['49010', '1']])
  })

  it('can be asked for once, as they are', async () => {
    const { fake } = await openBook()
    const history = createAlpacaMarketData(optionsFor(fake)).history({ random: createSeededRandom(1) })
    expect(await history.orderBook(symbol, 1)).toMatchObject({ symbol, bids: [bids[0]], asks: [asks[0]] })
    expect(await history.orderBook('AVAX-USD')).toBeUndefined()
    await expect(history.orderBook('AAPL')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  it.each([['AAPL'], ['ETH-USD']])('are kept of pairs among the symbols only: not of %s', (wrong) => {
    const options = { keyId: 'k', secret: 's', symbols: ['AAPL', symbol], bookSymbols: [wrong] }
    expect(() => createAlpacaMarketData(options)).toThrow(/bookSymbols/)
  })
})
