// The double of a venue, in a process of its own. Says where it is; makes the market that it is told to; ends with its parent.
import { createFakeAlpaca, createFakeOkx } from '@tradeswarm/testing/fakes'

const coins = ['BTC', 'ETH', 'AVAX', 'SOL', 'LTC', 'DOGE', 'LINK', 'UNI', 'DOT', 'BCH']
const fakes = {
  alpaca: () =>
    createFakeAlpaca({
      assets: [{ symbol: 'AAPL' }, ...coins.map((coin) => ({ symbol: `${coin}/USD` }))],
      requestsPerMinute: 1_000_000,
      dataRequestsPerMinute: 1_000_000,
      alwaysOpen: true,
      cash: '1000000000',
    }),
  okx: () =>
    createFakeOkx({
      cash: { USDT: '1000000000' },
      rateMultiplier: 1_000,
      instruments: coins.map((coin) => ({
        instId: `${coin}-USDT`,
        tickSz: '0.01',
        lotSz: '0.00001',
        minSz: '0.00001',
      })),
    }),
}
const pairs = { alpaca: (coin) => `${coin}/USD`, okx: (coin) => `${coin}-USDT` }
const { venue } = JSON.parse(process.argv[2])
const fake = await fakes[venue]()
const { url, keyId, secret, passphrase } = fake
process.on('disconnect', () => process.exit(0))
process.on('message', (what) => void act(what))
process.send({ url, keyId, secret, passphrase })

async function act({ quote, rate, seconds }) {
  if (quote !== undefined) await fake.market.quote(quote.symbol, quote.bid, quote.ask)
  if (rate !== undefined) await quoteAt(rate, seconds)
  process.send({ done: true })
}

/** So many quotes a second, of ten symbols in turns, none like the one before. */
async function quoteAt(rate, seconds) {
  const begin = performance.now()
  const total = rate * seconds
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - begin) / 1000) * rate))
    for (; sent < due; sent += 1) {
      const cents = 10_000 + (sent % 977)
      const symbol = pairs[venue](coins[sent % coins.length])
      await fake.market.quote(symbol, (cents / 100).toFixed(2), ((cents + 2) / 100).toFixed(2))
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
