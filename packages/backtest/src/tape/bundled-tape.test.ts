import { tradingCalendar } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { sliceTape, tapeFromInputs } from './assemble-tape.js'
import { bundledTape } from './bundled-tape.js'

const whole = await bundledTape()

test('the bundled tape is the S&P 500 with 2013 to warm up, labelled as untradable, its posts as synthetic', () => {
  expect([whole.bars[0]?.date, whole.tradeFrom, whole.tradeTo]).toEqual(['2013-01-02', '2014-01-02', '2020-04-17'])
  expect([whole.bars.length, whole.dividends.length]).toEqual([1836, 0])
  expect(whole.instruments.map(({ symbol, kind }) => `${symbol} ${kind}`)).toEqual(['SPX index'])
  expect(whole.labels.join(' ')).toContain('a price index that nobody can trade')
  expect(whole.labels.join(' ')).toContain('synthetic')
  expect(whole.source).toMatchObject({ name: 'synthetic-posts', synthetic: true })
  expect(whole.posts.length).toBeGreaterThan(1_000)
})

test('it has a bar for every session of the calendar', () => {
  const calendar = tradingCalendar('us-equity')
  const dates: string[] = []
  let session = calendar.session('2013-01-02')
  while (session !== undefined && session.date <= '2020-04-17') {
    dates.push(session.date)
    session = calendar.nextSession(session.open)
  }
  expect(whole.bars.map((bar) => bar.date)).toEqual(dates)
})

test('posts lie between the close before the first traded session and the last close, in order', () => {
  const calendar = tradingCalendar('us-equity')
  const times = whole.posts.map((post) => post.at)
  expect(times).toEqual([...times].sort((left, right) => left - right))
  expect(times[0]).toBeGreaterThanOrEqual(calendar.session('2013-12-31')?.close ?? Number.POSITIVE_INFINITY)
  expect(times.at(-1)).toBeLessThan(calendar.session('2020-04-17')?.close ?? 0)
})

test('I30 the same seed gives the same tape, another one other posts about the same bars', async () => {
  expect((await bundledTape({ seed: 42 })).hash).toBe(whole.hash)
  const other = await bundledTape({ seed: 2 })
  expect(other.hash).not.toBe(whole.hash)
  expect(other.bars).toEqual(whole.bars)
})

test('a window cuts it', async () => {
  const year = await bundledTape({ from: '2015-01-01', to: '2015-12-31' })
  expect([year.bars[0]?.date, year.tradeFrom, year.tradeTo]).toEqual(['2013-01-02', '2015-01-02', '2015-12-31'])
  expect(year.posts.length).toBeLessThan(whole.posts.length)
})

test('recorded inputs in any order give back the tape with the same hash, and changed ones do not', () => {
  const { hash, ...inputs } = whole
  const shuffled = tapeFromInputs({ ...inputs, bars: [...inputs.bars].reverse(), posts: [...inputs.posts].reverse() })
  expect(shuffled).toEqual(whole)
  const [first, ...rest] = inputs.posts
  if (first === undefined) throw new Error('the tape has no posts')
  expect(tapeFromInputs({ ...inputs, posts: [{ ...first, text: 'other' }, ...rest] }).hash).not.toBe(hash)
})

test.each([
  [{ to: '28.2.2014' }, 'TAPE_OPTION_INVALID', /bundledTape.*to.*28\.2\.2014.* is no date YYYY-MM-DD/],
  [{ from: '2014-02-30' }, 'TAPE_OPTION_INVALID', /2014-02-30.* is no date/],
  [{ from: '2015-01-01', to: '2014-01-01' }, 'TAPE_OPTION_INVALID', /comes after to/],
  [{ from: new Date(0) }, 'TAPE_OPTION_INVALID', /is no date/],
  [{ too: '2014-02-28' }, 'INVALID_OPTION', /bundledTape: there is no option too; did you mean to\?/],
  [{ sed: 4 }, 'INVALID_OPTION', /did you mean seed\?/],
])('a window that is none is refused, as the whole tape would be traded: %o', async (options, code, message) => {
  const load = bundledTape(options as object)
  await expect(load).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test('so is one to cut a tape by', () => {
  expect(() => sliceTape(whole, { too: '2014-02-28' } as object)).toThrow(/sliceTape: .*did you mean to\?/)
  expect(() => sliceTape(whole, { to: '28.2.2014' })).toThrow(/is no date YYYY-MM-DD/)
})
