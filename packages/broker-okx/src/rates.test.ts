import { expect, test } from 'vitest'
import { parseRoute } from './parse-okx-options.js'
import { rateOf } from './rates.js'

test.each([
  // As documented, each its own: the archive is slower than the bills of a week.
  ['GET /api/v5/account/bills', 10],
  ['GET /api/v5/account/bills-archive', 5],
  ['GET /api/v5/market/history-candles', 20],
  // What nobody has written down is asked for slowly.
  ['GET /api/v5/asset/unknown', 5],
])('%s may be asked %d times in two seconds', (name, calls) => {
  expect(rateOf(name, '', 1)).toEqual({ bucket: name, calls, perMs: 2_000 })
})

test('what OKX counts for each instrument has a bucket for each', () => {
  expect(rateOf('POST /api/v5/trade/order', 'BTC-USDT', 2)).toEqual({
    bucket: 'POST /api/v5/trade/order BTC-USDT',
    calls: 120,
    perMs: 2_000,
  })
})

test('what needs no keys is counted for all accounts of a process together, the rest for each', () => {
  const [one, other] = ['one', 'other'].map((key) => parseRoute('test', {}, key).buckets)
  const [time, fills] = ['GET /api/v5/public/time', 'GET /api/v5/trade/fills']
  one?.pause(time, 2_000)
  one?.pause(fills, 2_000)
  expect(other?.pauseMs(time)).toBeGreaterThan(0)
  expect(other?.pauseMs(fills)).toBeLessThanOrEqual(0)
  const rate = { calls: 10, perMs: 2_000 }
  expect(one?.bucket(time, rate)).toBe(other?.bucket(time, rate))
  expect(one?.bucket(fills, rate)).not.toBe(other?.bucket(fills, rate))
})
