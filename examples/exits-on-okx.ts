// An entry at OKX that brings its exits along, here at its double on this machine. With keys of your own, leave `urls` out.
import { createOkxBroker } from '@tradeswarm/broker-okx'
import { openByHand } from '@tradeswarm/testing'
import { createFakeOkx } from '@tradeswarm/testing/fakes'

const venue = await createFakeOkx()
const symbol = 'BTC-USDT-SWAP'
await venue.market.quote(symbol, '49990', '50010')
const { keyId: key, secret, passphrase, url: rest } = venue // process.env of yours
const okx = createOkxBroker({ key, secret, passphrase, symbols: [symbol], urls: { rest } })
const { broker, permit } = await openByHand(okx)

const [resting, out] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
broker.subscribe((event) => {
  const name = event.clientOrderId
  if (event.type === 'filled') console.log(name, event.execution.quantity, 'at', event.execution.price)
  else console.log(name, 'message' in event ? `${event.type}: ${event.message}` : event.type)
  if (name === 'exits' && event.type === 'accepted') resting.resolve()
  if (name === 'exits' && event.type === 'filled') out.resolve()
})
// Contracts of 0.01 BTC. Target and stop are one order, which OKX makes when the entry has filled whole.
const order = { symbol, side: 'buy', type: 'limit', limitPrice: '50010', quantity: '5', timeInForce: 'gtc' } as const
await broker.placeWithExits(permit({ ...order, clientOrderId: 'entry' }), {
  targetPrice: '55000',
  stopPrice: '45000',
  clientOrderId: 'exits',
})
await resting.promise
await venue.market.quote(symbol, '54990', '55010')
await venue.market.trade(symbol, '55000')
await out.promise
console.log(await broker.balances())

// What lies on the wrong side of the entry's price is refused, and the entry with it.
await broker.placeWithExits(permit({ ...order, clientOrderId: 'wrong' }), { targetPrice: '49000', stopPrice: '45000' })
await broker.close()
await venue.close()
