// Amending and cancelling by hand at Alpaca, here at its double on this machine. With keys of your own, leave `urls` out.
import { createAlpacaBroker } from '@tradeswarm/broker-alpaca'
import { openByHand } from '@tradeswarm/testing'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'

const venue = await createFakeAlpaca()
await venue.market.quote('AAPL', '187.40', '187.50')
const { keyId, secret } = venue // process.env of yours
const alpaca = createAlpacaBroker({ keyId, secret, symbols: ['AAPL'], urls: { trading: venue.url } })
const { broker, permit } = await openByHand(alpaca)

const [amended, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
broker.subscribe((event) => {
  console.log(event.clientOrderId, 'message' in event ? `${event.type}: ${event.message}` : event.type)
  if (event.type === 'replaced') amended.resolve()
  if (event.type === 'canceled') gone.resolve()
})
const order = { symbol: 'AAPL', side: 'buy', type: 'limit', quantity: '10', timeInForce: 'day' } as const
await broker.place(permit({ ...order, clientOrderId: 'first', limitPrice: '180' }))
// All terms of the order as it is to be, with a permit and an id of its own; `quantity` is the whole size.
await broker.replace('first', permit({ ...order, clientOrderId: 'second', limitPrice: '181', quantity: '12' }))
await amended.promise
// From here on it goes by its second id.
for (const { quantity, status } of await broker.openOrders()) console.log(quantity, status)
// Whatever is open in the account, whoever placed it.
const asked = await broker.cancelAll()
await gone.promise
console.log(asked, 'cancelled')
await broker.close()
await venue.close()
