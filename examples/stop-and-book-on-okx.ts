// A stop by hand, what was executed, and a stream of prices with an order book, at OKX's double on this machine. With keys of your own, leave `urls` out.
import { createOkxBroker, createOkxMarketData } from '@tradeswarm/broker-okx'
import { createSilentLogger, createSystemRandom } from '@tradeswarm/core'
import { openByHand } from '@tradeswarm/testing'
import { createFakeOkx } from '@tradeswarm/testing/fakes'

const venue = await createFakeOkx()
const symbol = 'BTC-USDT-SWAP'
await venue.market.quote(symbol, '49990', '50010')
const { keyId: key, secret, passphrase, url: rest } = venue // process.env of yours
const okx = createOkxBroker({ key, secret, passphrase, symbols: [symbol], urls: { rest } })
const { broker, trade, permit } = await openByHand(okx)

// Five contracts of 0.01 BTC, and a stop that leaves them at the market once somebody trades at 45000 or lower.
await trade({ symbol, side: 'buy', type: 'market', quantity: '5', timeInForce: 'gtc' })
const out = Promise.withResolvers<void>()
broker.subscribe((event) => {
  console.log('stop', event.type)
  if (event.type === 'filled') out.resolve()
})
const stop = { symbol, side: 'sell', type: 'stop', stopPrice: '45000', quantity: '5' } as const
await broker.place(permit({ ...stop, timeInForce: 'gtc', reduceOnly: true }))
await venue.market.quote(symbol, '44980', '45000')
await venue.market.trade(symbol, '44990')
await out.promise

// Whatever was executed since an instant in milliseconds since 1970, whoever listened then.
for (const { execution } of await broker.executions(Date.UTC(2024, 0, 1)))
  console.log(execution.quantity, 'at', execution.price)
console.log(await broker.balances())
await broker.close()

// Prices as they come, with a whole order book; no key is needed.
const data = createOkxMarketData({ symbols: [symbol], bookSymbols: [symbol], urls: { rest } })
const feed = await data.open({ random: createSystemRandom(), logger: createSilentLogger() })
const seen = Promise.withResolvers<void>()
feed.subscribeBooks(({ symbol, bids: [bid], asks: [ask] }) => {
  // Each level is its price and its size.
  if (ask?.[0] !== '45020') return
  console.log(symbol, 'best bid', bid?.[0], 'best ask', ask[0])
  seen.resolve()
})
const level = (price: string, size: string) => [price, size] as const
await venue.book(symbol, [level('44990', '20'), level('44980', '50')], [level('45020', '10'), level('45030', '40')])
await seen.promise
console.log(feed.book(symbol, 2)?.bids)
await feed.close()
await venue.close()
