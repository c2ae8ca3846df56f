import { createAlwaysOpenCalendar, type SessionEvent, type TradingCalendar } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { tellSessions } from './session-teller.js'

function heard(calendar: TradingCalendar, now: number, until: number): readonly string[] {
  const events: SessionEvent[] = []
  let time = now
  let timers: { readonly at: number; readonly call: () => void }[] = []
  const clock = {
    now: () => time,
    at(at: number, call: () => void) {
      const timer = { at, call }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
  }
  tellSessions({ calendar, preOpenLeadMs: 900_000 }, clock, (event) => void events.push(event))
  for (let next = timers[0]; next !== undefined && next.at <= until; next = timers[0]) {
    timers.shift()
    time = next.at
    next.call()
  }
  return events.map(({ phase, sessionDate }) => `${phase} ${sessionDate}`)
}

test('a market that never closes has its days one after the other, from the next one on', () => {
  const noon = Date.UTC(2026, 0, 2, 12)
  expect(heard(createAlwaysOpenCalendar(), noon, noon + 3 * 86_400_000)).toEqual([
    'pre-open 2026-01-03',
    'open 2026-01-03',
    'close 2026-01-03',
    'pre-open 2026-01-04',
    'open 2026-01-04',
    'close 2026-01-04',
    'pre-open 2026-01-05',
    'open 2026-01-05',
  ])
})
