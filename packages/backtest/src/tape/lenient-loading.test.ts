import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tradingCalendar } from '@tradeswarm/trading'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadTape } from './load-tape.js'
import type { Tape } from './tape.js'

const calendar = tradingCalendar('us-equity')

/** So many session dates from 2014 on. */
function sessionDates(count: number): readonly string[] {
  const dates: string[] = []
  let session = calendar.session('2014-01-02')
  while (session !== undefined && dates.length < count) {
    dates.push(session.date)
    session = calendar.nextSession(session.open)
  }
  return dates
}

const dates = sessionDates(60)
const row = (date: string, close = '10', adjClose = '9', symbol = 'AAA'): string =>
  `${symbol},${date},${close},${close},${close},${close},${adjClose},100`
/** A dividend of 0.5 in the session of index 40: close 10, adjClose 9 before, 9.473684 from then on. */
const paidAt = 40
const adjusted = (index: number): string => (index < paidAt ? '9' : '9.473684')
const rows = dates.map((date, index) => row(date, '10', adjusted(index)))
const posts = dates.map((date, index) => ({
  id: `${index}`,
  createdAt: `${date}T15:00:00Z`,
  symbol: 'AAA',
  text: `post ${index}`,
}))

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lenient-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function load(bars: readonly string[], written: readonly object[] = posts): Promise<Tape> {
  const header = 'symbol,date,open,high,low,close,adjClose,volume'
  writeFileSync(join(directory, 'bars-1d.csv'), `${[header, ...bars].join('\n')}\n`)
  writeFileSync(join(directory, 'posts.jsonl'), written.map((post) => `${JSON.stringify(post)}\n`).join(''))
  return loadTape(directory, { lenient: true })
}

test.each([
  ['a date far ahead', 3, '2055-01-04'],
  ['a date some sessions ahead', 20, dates[30]],
  ['a date long past', 20, '2001-03-01'],
  ['a date far ahead, in the first row', 0, '2055-01-04'],
])('%s costs that row and no other', async (_name, index, date) => {
  const good = await load(rows.toSpliced(index, 1))
  const tape = await load(rows.with(index, row(date ?? '', '11', '9.9')))
  expect(tape.bars).toEqual(good.bars)
  expect(tape.hash).toBe(good.hash)
  const skipped = Object.values(tape.counts.skipped).reduce((sum, count) => sum + count, 0)
  expect(skipped).toBe(1)
})

test('a stretch of rows that was put in at the wrong place is left out, the rest stays', async () => {
  const tape = await load([...rows.slice(0, 10), ...rows.slice(50, 53), ...rows.slice(10, 50), ...rows.slice(53)])
  expect(tape.bars.map((bar) => bar.date)).toEqual([...dates.slice(0, 50), ...dates.slice(53)])
  expect(tape.counts.skipped).toEqual({ TAPE_BAR_OUT_OF_ORDER: 3 })
})

test('a file that stands there twice gives its rows once, the copies counted', async () => {
  const once = await load(rows)
  const twice = await load([...rows, ...rows])
  expect(twice.hash).toBe(once.hash)
  expect([twice.counts.duplicateBars, twice.counts.skipped]).toEqual([60, {}])
})

test.each([
  ['too high', '99'],
  ['too low', '0.9'],
])('one adjClose that is %s costs no bar, makes no dividend and hides none', async (_name, wrong) => {
  const good = await load(rows)
  expect(good.dividends).toEqual([{ symbol: 'AAA', date: dates[paidAt], amountPerUnit: '0.5', currency: 'USD' }])
  for (const index of [5, paidAt - 1, paidAt + 1]) {
    const tape = await load(rows.with(index, row(dates[index] ?? '', '10', wrong)))
    expect(tape.bars).toEqual(good.bars)
    expect(tape.dividends).toEqual(good.dividends)
    expect(tape.counts.skipped).toEqual({ TAPE_DIVIDEND_NEGATIVE: 1 })
  }
})

test('a dividend that falls on a wrong adjClose is paid with the next row, on the close before that', async () => {
  const wrong = rows.with(paidAt, row(dates[paidAt] ?? '', '20', '99'))
  const tape = await load(wrong)
  expect(tape.dividends).toEqual([{ symbol: 'AAA', date: dates[paidAt + 1], amountPerUnit: '1', currency: 'USD' }])
})

test('one post that is dated ahead costs no other post', async () => {
  const good = await load(rows, posts.toSpliced(5, 1))
  const tape = await load(
    rows,
    posts.with(5, { ...(posts[5] as (typeof posts)[number]), createdAt: `${dates[50]}T15:00:00Z` }),
  )
  expect(tape.posts).toEqual(good.posts)
  expect(tape.counts.skipped).toEqual({ TAPE_POST_OUT_OF_ORDER: 1 })
})
