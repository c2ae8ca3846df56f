// Amending and cancelling by hand at OKX, here at its double on this machine. With keys of your own, leave `urls` out.
import { createOkxBroker } from '@tradeswarm/broker-okx'
import { openByHand } from '@tradeswarm/testing'
import { createFakeOkx } from '@tradeswarm/testing/fakes'

const venue = await createFakeOkx()
const symbol = 'BTC-USDT-SWAP'
await venue.market.quote(symbol, '49990', '50010')
const { keyId: key, secret, passphrase, url: rest } = venue // process.env of yours
const okx = createOkxBroker({ key, secret, passphrase, symbols: [symbol], urls: { rest } })
const { broker, permit } = await openByHand(okx)

const [amended, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
broker.subscribe((event) => {
  console.log(event.clientOrderId, 'message' in event ? `${event.type}: ${event.message}` : event.type)
  if (event.type === 'replaced') amended.resolve()
  if (event.type === 'canceled') gone.resolve()
})
const order = { symbol, side: 'buy', type: 'limit', quantity: '10', timeInForce: 'gtc' } as const
await broker.place(permit({ ...order, clientOrderId: 'first', limitPrice: '49000' }))
// All terms of the order as it is to be, with a permit and an id of its own; `quantity` is the whole size.
await broker.replace('first', permit({ ...order, clientOrderId: 'second', limitPrice: '49100', quantity: '12' }))
await amended.promise
// From here on it goes by its second id.
for (const { quantity, status } of await broker.openOrders()) console.log(quantity, status)
// Whatever is open in the account, whoever placed it; stops as well.
const asked = await broker.cancelAll()
await gone.promise
console.log(asked, 'cancelled')
await broker.close()
await venue.close()
