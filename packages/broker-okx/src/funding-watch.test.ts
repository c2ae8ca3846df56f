import { expect, test } from 'vitest'
import { FundingWatch } from './funding-watch.js'

const symbol = 'BTC-USDT-SWAP'
const hour = 3_600_000
const rateAt = (hours: number, rate = '0.0001', settledRate?: string) => ({
  symbol,
  rate,
  time: hours * hour,
  nextTime: (hours + 8) * hour,
  settledRate,
})

function createWatch(): FundingWatch {
  const watch = new FundingWatch()
  watch.notePrice(symbol, '50000')
  return watch
}

test('funding that has fallen due is told once, at the rate that was settled', () => {
  const watch = createWatch()
  expect(watch.take(rateAt(8), 7 * hour)).toBeUndefined()
  const due = watch.take(rateAt(16, '0.0002', '0.00015'), 8 * hour + 30_000)
  expect(due).toEqual({
    event: { type: 'funding', symbol, time: 8 * hour, rate: '0.00015', price: '50000' },
    missedUntil: undefined,
  })
  // An older answer comes late.
  expect(watch.take(rateAt(8), 8 * hour + 40_000)).toBeUndefined()
  expect(watch.take(rateAt(16), 8 * hour + 50_000)).toBeUndefined()
})

test('an instant that is moved later has not fallen due: nothing of the future is told', () => {
  const watch = createWatch()
  watch.take(rateAt(12), 9 * hour)
  expect(watch.take(rateAt(16), 10 * hour)).toBeUndefined()
  expect(watch.take(rateAt(24), 16 * hour + 30_000)).toMatchObject({ event: { time: 16 * hour } })
})

test('an instant that is moved earlier is waited for', () => {
  const watch = createWatch()
  watch.take(rateAt(16), 9 * hour)
  expect(watch.take(rateAt(12), 10 * hour)).toBeUndefined()
  expect(watch.take(rateAt(16), 12 * hour + 30_000)).toMatchObject({ event: { time: 12 * hour } })
})

test('after a break over more than one period there is more, and what was settled last is not the rate of the first', () => {
  const watch = createWatch()
  watch.take(rateAt(8, '0.0001'), 7 * hour)
  expect(watch.take(rateAt(32, '0.0004', '0.0003'), 25 * hour)).toEqual({
    event: { type: 'funding', symbol, time: 8 * hour, rate: '0.0001', price: '50000' },
    missedUntil: 32 * hour,
  })
})
