import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SwarmError } from '@tradeswarm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createUsEquityCalendar } from './us-equity-calendar.js'

const dayMs = 86_400_000
const at = (text: string) => Date.parse(text)
const calendar = createUsEquityCalendar()
const dataDirectory = process.env.TRADESWARM_DATA

test('a session opens at 09:30 and closes at 16:00 in New York, in winter and in summer', () => {
  expect(calendar.session('2015-01-15')).toEqual({
    date: '2015-01-15',
    open: at('2015-01-15T14:30Z'),
    close: at('2015-01-15T21:00Z'),
    earlyClose: false,
  })
  expect(calendar.session('2015-07-15')).toMatchObject({
    open: at('2015-07-15T13:30Z'),
    close: at('2015-07-15T20:00Z'),
  })
})

test('weekends, holidays and special closures have no session; an early close is at 13:00', () => {
  for (const date of [
    '2015-01-17',
    '2015-04-03',
    '2012-10-29',
    '2022-06-20',
    '2021-12-24',
    '2023-01-02',
    '2015-02-30',
  ]) {
    expect(calendar.session(date)).toBeUndefined()
  }
  expect(calendar.session('2021-12-31')).toBeDefined()
  expect(calendar.session('2021-06-18')).toBeDefined()
  expect(calendar.session('2014-11-28')).toMatchObject({ close: at('2014-11-28T18:00Z'), earlyClose: true })
})

test('the date is that of New York', () => {
  expect(calendar.dateOf(at('2015-01-15T04:59:59.999Z'))).toBe('2015-01-14')
  expect(calendar.dateOf(at('2015-01-15T05:00Z'))).toBe('2015-01-15')
  expect(calendar.dateOf(at('2015-07-15T04:00Z'))).toBe('2015-07-15')
  expect(calendar.dateOf(at('2015-01-01T03:00Z'))).toBe('2014-12-31')
})

test('a session is open from its open until just before its close', () => {
  expect(calendar.openSession(at('2015-01-15T14:29:59.999Z'))).toBeUndefined()
  expect(calendar.openSession(at('2015-01-15T14:30Z'))?.date).toBe('2015-01-15')
  expect(calendar.openSession(at('2015-01-15T20:59:59.999Z'))?.date).toBe('2015-01-15')
  expect(calendar.openSession(at('2015-01-15T21:00Z'))).toBeUndefined()
})

test('the next session opens after an instant, the previous one has closed by it', () => {
  expect(calendar.nextSession(at('2015-01-15T14:29:59.999Z')).date).toBe('2015-01-15')
  expect(calendar.nextSession(at('2015-01-15T14:30Z')).date).toBe('2015-01-16')
  expect(calendar.nextSession(at('2015-01-16T22:00Z')).date).toBe('2015-01-20')
  expect(calendar.previousSession(at('2015-01-20T20:59Z')).date).toBe('2015-01-16')
  expect(calendar.previousSession(at('2015-01-20T21:00Z')).date).toBe('2015-01-20')
  expect(calendar.previousSession(at('2016-01-03T12:00Z')).date).toBe('2015-12-31')
})

test('next and previous agree with the sessions whatever the instant', () => {
  fc.assert(
    fc.property(fc.integer({ min: at('1999-01-01'), max: at('2040-01-01') }), (time) => {
      const [previous, open, next] = [
        calendar.previousSession(time),
        calendar.openSession(time),
        calendar.nextSession(time),
      ]
      expect(previous.close).toBeLessThanOrEqual(time)
      expect(next.open).toBeGreaterThan(time)
      expect(calendar.nextSession(previous.open).date).toBe(open?.date ?? next.date)
      expect(calendar.session(next.date)).toBe(next)
      expect(calendar.dateOf(next.open)).toBe(next.date)
    }),
  )
})

test('the clock of New York is the one of the time zone database', () => {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: 'America/New_York',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit' })
  for (let instant = at('1998-01-02T04:30Z'); instant < at('2037-01-01'); instant += dayMs) {
    if (calendar.dateOf(instant) !== format.format(instant)) expect.fail(new Date(instant).toISOString())
    const open = calendar.session(calendar.dateOf(instant))?.open
    if (open !== undefined && time.format(open) !== '09:30') expect.fail(new Date(open).toISOString())
  }
  for (const change of ['1999-04-04T07:00Z', '1999-10-31T06:00Z', '2015-03-08T07:00Z', '2015-11-01T06:00Z']) {
    for (const instant of [at(change) - 1, at(change)]) expect(calendar.dateOf(instant)).toBe(format.format(instant))
  }
})

test('a year that the rules do not cover and a malformed date are refused', () => {
  expect(() => calendar.session('1997-12-31')).toThrow('1998 to 2099, not 1997')
  expect(() => calendar.dateOf(Number.NaN)).toThrow(SwarmError)
  expect(() => calendar.session('2015-1-5')).toThrow('"2015-1-5"')
})

test.skipIf(dataDirectory === undefined)(
  `sessions and early closes of 1998 to 2028 are those of the reference calendar${dataDirectory === undefined ? ' (skipped: TRADESWARM_DATA is not set)' : ''}`,
  () => {
    const file = join(dataDirectory as string, 'market', 'us_equity_calendar.json')
    const reference = JSON.parse(readFileSync(file, 'utf8')) as {
      holidays: string[]
      early_closes: Record<string, string>
    }
    const holidays = new Set(reference.holidays)
    let sessions = 0
    for (let day = at('1998-01-01'); day < at('2029-01-01'); day += dayMs) {
      const date = new Date(day).toISOString().slice(0, 10)
      const weekend = [0, 6].includes(new Date(day).getUTCDay())
      const session = calendar.session(date)
      const expected = weekend || holidays.has(date) ? undefined : (reference.early_closes[date] ?? '16:00')
      const stated = session === undefined ? undefined : session.earlyClose ? '13:00' : '16:00'
      if (stated !== expected) expect.fail(`${date}: ${stated}, the reference says ${expected}`)
      if (session !== undefined) sessions += 1
    }
    expect(sessions).toBe(7796)
  },
)
