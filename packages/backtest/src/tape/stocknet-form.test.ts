import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SwarmError } from '@tradeswarm/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadTape } from './load-tape.js'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stocknet-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const header = 'Date,Open,High,Low,Close,Adj Close,Volume'
const rows = ['2014-01-02,10.0,11.0,9.5,10.5,10.5,1000', '2014-01-03,10.5,12.0,10.0,11.0,11.0,1100']
const tweet = (id: string, createdAt: string, more: object = {}) => ({
  created_at: createdAt,
  id: Number(id),
  id_str: id,
  text: `tweet ${id}`,
  user: { id: 77, id_str: '77', screen_name: 'somebody', followers_count: 12 },
  ...more,
})

function writePrices(symbol: string, lines: readonly string[]): void {
  mkdirSync(join(directory, 'price', 'raw'), { recursive: true })
  writeFileSync(join(directory, 'price', 'raw', `${symbol}.csv`), `${[header, ...lines].join('\n')}\n`)
}

function writeTweets(symbol: string, date: string, tweets: readonly object[]): string {
  const folder = join(directory, 'tweet', 'raw', symbol)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, date), tweets.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return join(folder, date)
}

function writeSmallCheckout(): void {
  writePrices('AAA', rows)
  writePrices('BBB', rows)
  writePrices('CCC', [...rows.slice(0, 1), '2014-01-03,null,null,null,null,null,null'])
  writeTweets('AAA', '2014-01-02', [
    tweet('200', 'Fri Jan 03 02:30:00 +0000 2014', {
      retweeted_status: tweet('100', 'Wed Jan 01 00:00:00 +0000 2014'),
    }),
    tweet('150', 'Thu Jan 02 23:00:00 +0000 2014'),
  ])
  writeTweets('AAA', '2014-01-03', [tweet('150', 'Thu Jan 02 23:00:00 +0000 2014')])
  writeTweets('BBB', '2014-01-02', [tweet('150', 'Thu Jan 02 23:00:00 +0000 2014')])
  writeTweets('NOBARS', '2014-01-02', [tweet('150', 'Thu Jan 02 23:00:00 +0000 2014')])
}

test('a public checkout is read: tweets in any order, authors opaque, what lacks bars or posts counted', async () => {
  writeSmallCheckout()
  const tape = await loadTape(directory)
  expect(tape.form).toBe('stocknet')
  expect(tape.posts.map(({ id, symbol, text, followers }) => ({ id, symbol, text, followers }))).toEqual([
    { id: '150', symbol: 'AAA', text: 'tweet 150', followers: 12 },
    { id: '150', symbol: 'BBB', text: 'tweet 150', followers: 12 },
    { id: '200', symbol: 'AAA', text: 'tweet 200', followers: 12 },
  ])
  expect(tape.posts[0]?.at).toBe(Date.UTC(2014, 0, 2, 23))
  expect(new Set(tape.posts.map((post) => post.author)).size).toBe(1)
  expect(tape.posts[0]?.author).toMatch(/^[0-9a-f]{12}$/)
  expect(JSON.stringify(tape)).not.toContain('somebody')
  expect(tape.counts).toMatchObject({
    barRows: 6,
    postRows: 5,
    duplicatePosts: 1,
    rowsWithoutPrices: 1,
    postsWithoutBars: 1,
    symbolsWithoutBars: ['NOBARS'],
    symbolsWithoutPosts: ['CCC'],
    skipped: {},
  })
})

test('the same content in the form of our own has the same hash', async () => {
  writeSmallCheckout()
  const checkout = await loadTape(directory)
  rmSync(join(directory, 'price'), { recursive: true })
  rmSync(join(directory, 'tweet'), { recursive: true })
  const bars = checkout.bars.map((bar) =>
    [bar.symbol, bar.date, bar.open, bar.high, bar.low, bar.close, bar.close, bar.volume].join(','),
  )
  writeFileSync(join(directory, 'bars-1d.csv'), ['symbol,date,open,high,low,close,adjClose,volume', ...bars].join('\n'))
  const posts = checkout.posts.map(({ at, ...post }) =>
    JSON.stringify({ ...post, createdAt: new Date(at).toISOString() }),
  )
  writeFileSync(join(directory, 'posts.jsonl'), posts.join('\n'))
  const own = await loadTape(directory)
  expect(own.form).toBe('own')
  expect(own.hash).toBe(checkout.hash)
})

test('the retweeted tweet inside a tweet is not needed and not kept', async () => {
  writeSmallCheckout()
  expect(JSON.stringify((await loadTape(directory)).posts)).not.toContain('tweet 100')
})

test.each([
  [{ text: undefined }, 'TAPE_FIELD_MISSING', 'text'],
  [{ user: { id_str: '77' } }, 'TAPE_FIELD_MISSING', 'user.followers_count'],
  [{ user: undefined }, 'TAPE_FIELD_MISSING', 'user'],
  [{ id_str: 'x1' }, 'TAPE_FIELD_INVALID', 'id_str'],
  [{ created_at: 'Wed Jan 32 03:59:03 +0000 2014' }, 'TAPE_DATE_INVALID', 'created_at'],
  [{ created_at: 'Sat Jan 04 05:00:00 +0000 2014' }, 'TAPE_POST_TOO_LATE', 'created_at'],
])('a tweet with %o is refused at its file, line and field, or skipped', async (change, code, field) => {
  writeSmallCheckout()
  const file = writeTweets('AAA', '2014-01-03', [
    tweet('300', 'Fri Jan 03 15:00:00 +0000 2014'),
    { ...tweet('301', 'Fri Jan 03 15:00:00 +0000 2014'), ...change },
  ])
  const error = await loadTape(directory).catch((thrown: unknown) => thrown)
  expect(SwarmError.isInstance(error, code)).toBe(true)
  expect((error as SwarmError).message).toContain(`${file}, line 2, ${field}: `)
  const lenient = await loadTape(directory, { lenient: true })
  expect(lenient.counts.skipped).toEqual({ [code]: 1 })
  expect(lenient.posts.map((post) => post.id)).toEqual(['150', '150', '200', '300'])
})

test('a bar that is wrong is named by the file and the column names of that form', async () => {
  writeSmallCheckout()
  writePrices('AAA', [rows[0] ?? '', '2014-01-03,10.5,12.0,10.0,11.0,0,1100'])
  const where = `${join(directory, 'price', 'raw', 'AAA.csv')}, line 3, Adj Close: 0 is not above 0`
  await expect(loadTape(directory)).rejects.toThrow(where)
})

test('files that are no day of tweets are refused, hidden ones passed over', async () => {
  writeSmallCheckout()
  writeTweets('AAA', '.DS_Store', [])
  await loadTape(directory)
  writeTweets('AAA', 'notes.txt', [])
  await expect(loadTape(directory)).rejects.toThrow(
    `${join(directory, 'tweet', 'raw', 'AAA', 'notes.txt')}, name: "notes.txt" is no date`,
  )
})

test('only the files of the symbols that are asked for are opened', async () => {
  writeSmallCheckout()
  writePrices('BBB', ['rubbish'])
  const tape = await loadTape(directory, { symbols: ['AAA'] })
  expect([tape.instruments.length, tape.posts.length]).toEqual([1, 2])
})
