// A first order at Alpaca, here at its double on this machine. With keys of your own, leave `urls` out.
import { createAlpacaBroker } from '@tradeswarm/broker-alpaca'
import { createSilentLogger, createSystemClock, createSystemIds, createSystemRandom } from '@tradeswarm/core'
import { createManualFeed, createOpenGuard } from '@tradeswarm/testing'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'

const venue = await createFakeAlpaca()
await venue.market.quote('AAPL', '187.40', '187.50')

const { keyId, secret } = venue // process.env of yours
const alpaca = createAlpacaBroker({ keyId, secret, mode: 'paper', symbols: ['AAPL'], urls: { trading: venue.url } })

// In a swarm the kernel opens the account, and its risk authority is the guard: every order needs a permit.
const guard = createOpenGuard()
const broker = await alpaca.open({
  clock: createSystemClock(),
  ids: createSystemIds(),
  random: createSystemRandom(),
  logger: createSilentLogger(),
  feed: createManualFeed(),
  guard,
})
const filled = new Promise<void>((resolve) => {
  broker.subscribe((event) => {
    console.log(event.type === 'filled' ? `${event.execution.quantity} at ${event.execution.price}` : event.type)
    if (event.type === 'filled') resolve()
  })
})
const order = { symbol: 'AAPL', side: 'buy', type: 'market', quantity: '10', timeInForce: 'day' } as const
await broker.place(guard.permit({ ...order, account: 'alpaca', clientOrderId: 'my-first-order', reduceOnly: false }))
await filled
console.log(await broker.balances())

await broker.close()
await venue.close()
