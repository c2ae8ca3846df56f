import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSeededRandom } from '@tradeswarm/core'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'
import { createUsEquityCalendar, type Session } from '@tradeswarm/trading'
import { afterEach, describe, expect, it, test } from 'vitest'
import { CalendarBook } from './calendar-book.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { openLive } from './live-account.test-support.js'
import { loadAlpacaCalendar } from './load-alpaca-calendar.js'
import { parseClock } from './parse-account.js'
import { createVenueCalendar, parseDay, type VenueDay } from './venue-calendar.js'

afterEach(stopAll)

const at = (text: string): number => Date.parse(text)
const dayMs = 86_400_000
const rule = createUsEquityCalendar()
const data = process.env['TRADESWARM_DATA'] ?? 'nowhere'

const day = (date: string, close = '16:00', open = '09:30'): VenueDay => ({ date, open, close })

describe('a calendar of the venue', () => {
  const calendar = createVenueCalendar(
    new Map([
      [2026, [day('2026-03-05'), day('2026-03-06', '13:00'), day('2026-03-09'), day('2026-07-02', '16:00', '10:30')]],
      [2027, []],
    ]),
  )

  it('has the sessions that it was told of, in winter and in summer', () => {
    expect(calendar.session('2026-03-06')).toEqual({
      date: '2026-03-06',
      open: at('2026-03-06T14:30Z'),
      close: at('2026-03-06T18:00Z'),
      earlyClose: true,
    })
    expect(calendar.session('2026-03-09')).toMatchObject({ open: at('2026-03-09T13:30Z'), earlyClose: false })
    expect(calendar.session('2026-07-02')).toMatchObject({ open: at('2026-07-02T14:30Z') })
  })

  it('knows of a closure that no rule knows of', () => {
    expect(rule.session('2026-03-10')).toBeDefined()
    expect(calendar.session('2026-03-10')).toBeUndefined()
    expect(calendar.openSession(at('2026-03-10T15:00Z'))).toBeUndefined()
    expect(calendar.nextSession(at('2026-03-09T15:00Z')).date).toBe('2026-07-02')
    expect(calendar.previousSession(at('2026-07-02T15:00Z')).date).toBe('2026-03-09')
  })

  it('is the rule in years that it was not told of', () => {
    expect(calendar.session('2025-11-28')).toEqual(rule.session('2025-11-28'))
    expect(calendar.nextSession(at('2026-12-31T23:00Z'))).toEqual(rule.nextSession(at('2026-12-31T23:00Z')))
    expect(calendar.session('2027-03-10')).toEqual(rule.session('2027-03-10'))
    expect(() => calendar.session('today')).toThrow(/INVALID_SESSION_DATE|today/)
  })
})

test('an answer that cannot be read is none', () => {
  const told = {
    date: '2025-01-02',
    open: '09:30',
    close: '16:00',
    session_open: '0400',
    settlement_date: '2025-01-03',
  }
  expect(parseDay(told)).toEqual(day('2025-01-02'))
  for (const wrong of [{ date: 'today' }, { open: '0930' }, { close: '24:00' }])
    expect(() => parseDay({ ...told, ...wrong })).toThrow(/day of the calendar/)
})

test('years are asked for once; one that is not over again after a day, and one that was not answered at once', async () => {
  let now = at('2026-06-01')
  const asked: string[] = []
  let fails = true
  const book = new CalendarBook(
    async (start, end) => {
      asked.push(`${start} ${end}`)
      if (fails) throw new Error('not now')
      return [day(`${start.slice(0, 4)}-06-02`)]
    },
    { now: () => now },
  )
  const range = { from: at('2025-06-01'), to: at('2026-12-01') }
  await expect(book.calendar(range)).rejects.toThrow('not now')
  fails = false
  expect((await book.calendar(range)).nextSession(now).date).toBe('2026-06-02')
  await book.calendar(range)
  expect(asked).toEqual(['2025-01-01 2025-12-31', '2025-01-01 2025-12-31', '2026-01-01 2026-12-31'])
  now += dayMs
  await book.calendar({ from: at('1970-01-01'), to: at('1998-12-31') })
  await book.calendar(range)
  expect(asked.slice(3)).toEqual(['1998-01-01 1998-12-31', '2026-01-01 2026-12-31'])
  await expect(book.calendar({ from: 2, to: 1 })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  await expect(book.calendar({ from: Number.NaN, to: 1 })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
})

test('a year that was asked for before it was over is asked for once more when it is: it may have had another closure', async () => {
  let now = at('2026-11-30T12:00')
  const asked: string[] = []
  const book = new CalendarBook(
    async (start) => {
      asked.push(start)
      return [day('2026-06-02')]
    },
    { now: () => now },
  )
  const range = { from: at('2026-06-01'), to: at('2026-12-01') }
  await book.calendar(range)
  now = at('2027-01-04T12:00')
  await book.calendar(range)
  await book.calendar(range)
  expect(asked).toEqual(['2026-01-01', '2026-01-01'])
})

describe('at the double', () => {
  it('the calendar is that by rule, day by day, over a turn of years', async () => {
    const fake = await createFakeAlpaca()
    stopLater(() => fake.close())
    const range = { from: at('2025-01-01'), to: at('2027-12-31') }
    const options = { keyId: fake.keyId, secret: fake.secret, urls: { trading: fake.url }, ...range }
    const calendar = await loadAlpacaCalendar(options, { random: createSeededRandom(1) })
    expect(fake.requests.filter(({ path }) => path === '/v2/calendar')).toHaveLength(3)
    for (let time = range.from; time <= range.to; time += dayMs) {
      const date = new Date(time).toISOString().slice(0, 10)
      expect(calendar.session(date)).toEqual(rule.session(date))
      expect(calendar.nextSession(time)).toEqual(rule.nextSession(time))
      expect(calendar.previousSession(time)).toEqual(rule.previousSession(time))
    }
  })

  it('an open account tells calendar and clock', async () => {
    const { broker, fake } = await openLive()
    const time = fake.market.now()
    const calendar = await broker.calendar({ from: time, to: time })
    await broker.calendar({ from: time, to: time })
    expect(fake.requests.filter(({ path }) => path === '/v2/calendar')).toHaveLength(1)
    const clock = await broker.marketClock()
    expect(clock.nextOpen).toBe(calendar.nextSession(clock.time).open)
    expect(clock.isOpen).toBe(true)
  })

  it('options that cannot be are refused', async () => {
    const options = { keyId: 'k', secret: 's', from: 0, to: 1, day: 1 }
    await expect(loadAlpacaCalendar(options, { random: createSeededRandom(1) })).rejects.toThrow(/"day"|day/)
  })
})

test.runIf(existsSync(join(data, 'captures', 'alpaca', 'trading-api.openapi.json')))(
  "the venue's own examples of a day and of the clock say what the rule says",
  () => {
    const file = join(data, 'captures', 'alpaca', 'trading-api.openapi.json')
    const { schemas } = (JSON.parse(readFileSync(file, 'utf8')) as { components: { schemas: Record<string, never> } })
      .components as unknown as { schemas: Record<string, Record<string, unknown>> }
    const properties = schemas['legacy_calendar_day']?.['properties'] as Record<string, { example: string }>
    const told = Object.fromEntries(Object.entries(properties).map(([field, { example }]) => [field, example]))
    const only = parseDay(told)
    const calendar = createVenueCalendar(new Map([[Number(only.date.slice(0, 4)), [only]]]))
    expect(calendar.session(only.date)).toEqual(rule.session(only.date))
    const clock = parseClock(schemas['legacy_clock']?.['example'])
    expect(rule.openSession(clock.time)?.close).toBe(clock.nextClose)
    expect(rule.nextSession(clock.time).open).toBe(clock.nextOpen)
    expect(clock.isOpen).toBe(true)
  },
)

test.runIf(existsSync(join(data, 'market', 'us_equity_calendar.json')))(
  'told the days of the reference calendar of 1998 to 2028, it has the sessions of the rule',
  () => {
    const reference = JSON.parse(readFileSync(join(data, 'market', 'us_equity_calendar.json'), 'utf8')) as {
      readonly holidays: readonly string[]
      readonly early_closes: Readonly<Record<string, string>>
    }
    const holidays = new Set(reference.holidays)
    const days: VenueDay[] = []
    for (let time = at('1998-01-01'); time < at('2029-01-01'); time += dayMs) {
      const date = new Date(time).toISOString().slice(0, 10)
      const isWeekend = [0, 6].includes(new Date(time).getUTCDay())
      if (!isWeekend && !holidays.has(date)) days.push(day(date, reference.early_closes[date]))
    }
    const calendar = createVenueCalendar(Map.groupBy(days, ({ date }) => Number(date.slice(0, 4))))
    const differing: (Session | undefined)[] = []
    for (let time = at('1998-01-01'); time < at('2029-01-01'); time += dayMs) {
      const date = new Date(time).toISOString().slice(0, 10)
      const [told, ruled] = [calendar.session(date), rule.session(date)]
      if (JSON.stringify(told) !== JSON.stringify(ruled)) differing.push(told ?? ruled)
    }
    expect(differing).toEqual([])
  },
)
