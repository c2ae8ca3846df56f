// A first order at OKX, here at its double on this machine. With keys of your own, leave `urls` out.
import { createOkxBroker } from '@tradeswarm/broker-okx'
import { createSilentLogger, createSystemClock, createSystemIds, createSystemRandom } from '@tradeswarm/core'
import { createManualFeed, createOpenGuard } from '@tradeswarm/testing'
import { createFakeOkx } from '@tradeswarm/testing/fakes'

const venue = await createFakeOkx()
await venue.market.quote('BTC-USDT-SWAP', '49990', '50010')

const { keyId: key, secret, passphrase, url: rest } = venue // process.env of yours
const okx = createOkxBroker({ key, secret, passphrase, mode: 'demo', symbols: ['BTC-USDT-SWAP'], urls: { rest } })

// In a swarm the kernel opens the account, and its risk authority is the guard: every order needs a permit.
const guard = createOpenGuard()
const broker = await okx.open({
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
// Contracts of 0.01 BTC.
const order = { symbol: 'BTC-USDT-SWAP', side: 'buy', type: 'market', quantity: '5', timeInForce: 'gtc' } as const
await broker.place(guard.permit({ ...order, account: 'okx', clientOrderId: 'myfirstorder', reduceOnly: false }))
await filled
console.log(await broker.balances())

await broker.close()
await venue.close()
