// A first order at OKX, here at its double on this machine. With keys of your own, leave `urls` out.
import { createOkxBroker } from '@tradeswarm/broker-okx'
import { openByHand } from '@tradeswarm/testing'
import { createFakeOkx } from '@tradeswarm/testing/fakes'

const venue = await createFakeOkx()
const symbol = 'BTC-USDT-SWAP'
await venue.market.quote(symbol, '49990', '50010')
const { keyId: key, secret, passphrase, url: rest } = venue // process.env of yours
const okx = createOkxBroker({ key, secret, passphrase, mode: 'demo', symbols: [symbol], urls: { rest } })
const { broker, trade } = await openByHand(okx)
// Contracts of 0.01 BTC.
for (const event of await trade({ symbol, side: 'buy', type: 'market', quantity: '5', timeInForce: 'gtc' }))
  if (event.type === 'filled') console.log(event.execution.quantity, 'at', event.execution.price)
  else console.log('message' in event ? `${event.type}: ${event.message}` : event.type)
console.log(await broker.balances())
await broker.close()
await venue.close()
