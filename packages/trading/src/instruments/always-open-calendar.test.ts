import { expect, test } from 'vitest'
import { createAlwaysOpenCalendar } from './always-open-calendar.js'
import { tradingCalendar } from './calendar-by-name.js'

const at = (text: string) => Date.parse(text)
const calendar = createAlwaysOpenCalendar()

test('every UTC day is a session, weekends too', () => {
  expect(calendar.session('2024-02-29')).toEqual({
    date: '2024-02-29',
    open: at('2024-02-29'),
    close: at('2024-03-01'),
    earlyClose: false,
  })
  expect(calendar.session('2023-02-29')).toBeUndefined()
  expect(() => calendar.session('today')).toThrow('"today"')
  expect(calendar.dateOf(at('2024-01-06T23:59:59.999Z'))).toBe('2024-01-06')
})

test('there is always a session open, and midnight belongs to the new one', () => {
  const midnight = at('2024-01-06')
  expect(calendar.openSession(midnight)?.date).toBe('2024-01-06')
  expect(calendar.nextSession(midnight).date).toBe('2024-01-07')
  expect(calendar.nextSession(midnight - 1).date).toBe('2024-01-06')
  expect(calendar.previousSession(midnight).date).toBe('2024-01-05')
  expect(calendar.previousSession(midnight - 1).date).toBe('2024-01-04')
})

test('a calendar is found by its name', () => {
  expect(tradingCalendar('always-open').name).toBe('always-open')
  expect(tradingCalendar('us-equity').session('2024-01-06')).toBeUndefined()
})
