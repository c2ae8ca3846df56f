// Past bars by pages, at Alpaca's double on this machine, which has those that it is given. With keys of your own, leave `urls` out.
import { createAlpacaMarketData } from '@tradeswarm/broker-alpaca'
import { createSystemRandom } from '@tradeswarm/core'
import { createFakeAlpaca, type FakeAlpacaBar } from '@tradeswarm/testing/fakes'

const from = Date.UTC(2026, 0, 5, 15)
const bar = (t: string, c: number): FakeAlpacaBar => ({ t, o: 187, h: 190, l: 186, c, v: 1_000, n: 20, vw: 187.5 })
const minutes = [
  bar('2026-01-05T15:00:00Z', 187.5),
  bar('2026-01-05T15:01:00Z', 188),
  bar('2026-01-05T15:02:00Z', 188.25),
]
const venue = await createFakeAlpaca({ bars: { AAPL: { '1Min': minutes } } })

const { keyId, secret, url: data } = venue // process.env of yours
const history = createAlpacaMarketData({ keyId, secret, symbols: ['AAPL'], urls: { data } }).history({
  random: createSystemRandom(),
})
// Both ends are included; `next` is where to go on after an interruption, given back as `pageToken`.
const asked = { symbols: ['AAPL'], timeframe: '1m', from, to: from + 180_000 } as const
for await (const { rows, next } of history.bars(asked)) {
  for (const { symbol, start, close } of rows) console.log(symbol, new Date(start).toISOString(), close)
  console.log('next', next)
}
await venue.close()
