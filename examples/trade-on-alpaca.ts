// A first order at Alpaca, here at its double on this machine. With keys of your own, leave `urls` out.
import { createAlpacaBroker } from '@tradeswarm/broker-alpaca'
import { openByHand } from '@tradeswarm/testing'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'

const venue = await createFakeAlpaca()
await venue.market.quote('AAPL', '187.40', '187.50')
const { keyId, secret } = venue // process.env of yours
const alpaca = createAlpacaBroker({ keyId, secret, mode: 'paper', symbols: ['AAPL'], urls: { trading: venue.url } })
const { broker, trade } = await openByHand(alpaca)
for (const event of await trade({ symbol: 'AAPL', side: 'buy', type: 'market', quantity: '10', timeInForce: 'day' }))
  if (event.type === 'filled') console.log(event.execution.quantity, 'at', event.execution.price)
  else console.log('message' in event ? `${event.type}: ${event.message}` : event.type)
console.log(await broker.balances())
await broker.close()
await venue.close()
