// A stop by hand, what was executed, and a stream of prices with an order book, at Alpaca's double on this machine. With keys of your own, leave `urls` out.
import { createAlpacaBroker, createAlpacaMarketData } from '@tradeswarm/broker-alpaca'
import { createSilentLogger, createSystemRandom } from '@tradeswarm/core'
import { openByHand } from '@tradeswarm/testing'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'

const venue = await createFakeAlpaca()
await venue.market.quote('AAPL', '187.40', '187.50')
const { keyId, secret, url } = venue // process.env of yours
const alpaca = createAlpacaBroker({ keyId, secret, symbols: ['AAPL'], urls: { trading: url } })
const { broker, trade, permit } = await openByHand(alpaca)

// Ten shares, and a stop that leaves them at the market once somebody trades at 180 or lower.
await trade({ symbol: 'AAPL', side: 'buy', type: 'market', quantity: '10', timeInForce: 'day' })
const out = Promise.withResolvers<void>()
broker.subscribe((event) => {
  console.log('stop', event.type)
  if (event.type === 'filled') out.resolve()
})
const stop = { symbol: 'AAPL', side: 'sell', type: 'stop', stopPrice: '180', quantity: '10' } as const
await broker.place(permit({ ...stop, timeInForce: 'gtc', reduceOnly: true }))
await venue.market.quote('AAPL', '179.90', '180.10')
await venue.market.trade('AAPL', '179.95')
await out.promise

// Whatever was executed since an instant in milliseconds since 1970, whoever listened then.
for (const { execution } of await broker.executions(Date.UTC(2024, 0, 1)))
  console.log(execution.quantity, 'at', execution.price)
console.log(await broker.balances())
await broker.close()

// Prices as they come. Books are of crypto: the venue writes BTC/USD what the adapter calls BTC-USD.
const symbols = ['BTC-USD']
const data = createAlpacaMarketData({ keyId, secret, symbols, bookSymbols: symbols, urls: { data: url } })
const feed = await data.open({ random: createSystemRandom(), logger: createSilentLogger() })
const seen = Promise.withResolvers<void>()
feed.subscribeBooks(({ symbol, bids: [bid], asks: [ask] }) => {
  // Each level is its price and its size.
  if (ask?.[0] !== '50010') return
  console.log(symbol, 'best bid', bid?.[0], 'best ask', ask[0])
  seen.resolve()
})
const level = (price: string, size: string) => [price, size] as const
await venue.book('BTC/USD', [level('49990', '2'), level('49980', '5')], [level('50010', '1'), level('50020', '4')])
await seen.promise
console.log(feed.book('BTC-USD', 2)?.bids)
await feed.close()
await venue.close()
