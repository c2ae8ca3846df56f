// An entry at Alpaca that brings its exits along, here at its double on this machine. With keys of your own, leave `urls` out.
import { createAlpacaBroker } from '@tradeswarm/broker-alpaca'
import { openByHand } from '@tradeswarm/testing'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'

const venue = await createFakeAlpaca()
await venue.market.quote('AAPL', '187.40', '187.50')
const { keyId, secret } = venue // process.env of yours
const alpaca = createAlpacaBroker({ keyId, secret, symbols: ['AAPL'], urls: { trading: venue.url } })
const { broker, permit } = await openByHand(alpaca)

const order = { symbol: 'AAPL', side: 'buy', type: 'market', quantity: '10', timeInForce: 'gtc' } as const
const [entry, wrong] = [permit(order), permit(order)]
const names = new Map(
  [entry, wrong].map(({ request }, index) => [request.clientOrderId, index === 0 ? 'entry' : 'wrong']),
)
const out = Promise.withResolvers<void>()
broker.subscribe((event) => {
  // Exits go by ids of Alpaca's own.
  const name = names.get(event.clientOrderId) ?? 'exit'
  if (event.type === 'filled') console.log(name, event.execution.quantity, 'at', event.execution.price)
  else console.log(name, 'message' in event ? `${event.type}: ${event.message}` : event.type)
  if (name === 'exit' && event.type === 'canceled') out.resolve()
})
// Target and stop come to life when the entry has filled whole; the one that is executed ends the other.
await broker.placeWithExits(entry, { targetPrice: '195', stopPrice: '180' })
await venue.market.quote('AAPL', '195.10', '195.20')
await out.promise
console.log(await broker.balances())

// What lies on the wrong side of the price is refused, and the entry with it.
await broker.placeWithExits(wrong, { targetPrice: '190', stopPrice: '180' })
await broker.close()
await venue.close()
