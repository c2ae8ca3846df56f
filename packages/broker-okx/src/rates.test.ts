import { expect, test } from 'vitest'
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
