// Past bars by pages, at OKX's double on this machine, which has those that it is given. At OKX itself, leave `urls` out; no key is needed.
import { createOkxMarketData } from '@tradeswarm/broker-okx'
import { createSystemRandom } from '@tradeswarm/core'
import { createFakeOkx, type FakeOkxCandle } from '@tradeswarm/testing/fakes'

const minute = 60_000
const from = Date.UTC(2026, 0, 5)
// ts, open, high, low, close, vol, volCcy, volCcyQuote: the columns of OKX without the ninth, which says that a candle is complete.
const candle = (ts: number, close: string): FakeOkxCandle => [`${ts}`, '100', '120', '90', close, '5', '5', '500']
const candles = {
  'BTC-USDT': { '1m': [candle(from, '101'), candle(from + minute, '102'), candle(from + 2 * minute, '103')] },
}
const venue = await createFakeOkx({ candles })

const data = createOkxMarketData({ symbols: ['BTC-USDT'], urls: { rest: venue.url } })
const history = data.history({ random: createSystemRandom() })
// Both ends are included; `next` is where to go on after an interruption, given back as `pageToken`.
const asked = { symbols: ['BTC-USDT'], timeframe: '1m', from, to: from + 3 * minute } as const
for await (const { rows, next } of history.bars(asked)) {
  for (const { symbol, start, close } of rows) console.log(symbol, new Date(start).toISOString(), close)
  console.log('next', next)
}
await venue.close()
