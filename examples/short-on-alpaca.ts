// Selling short by hand at Alpaca, here at its double on this machine. With keys of your own, leave `urls` out.
import { createAlpacaBroker } from '@tradeswarm/broker-alpaca'
import { openByHand } from '@tradeswarm/testing'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'

const venue = await createFakeAlpaca({ shorting: true })
await venue.market.quote('AAPL', '187.40', '187.50')
const { keyId, secret } = venue // process.env of yours
const alpaca = createAlpacaBroker({ keyId, secret, symbols: ['AAPL'], urls: { trading: venue.url } })
const { broker, trade } = await openByHand(alpaca)
const order = { symbol: 'AAPL', type: 'market', quantity: '10', timeInForce: 'day' } as const
const show = async (what: string, told: ReturnType<typeof trade>): Promise<void> => {
  for (const event of await told) console.log(what, 'message' in event ? `${event.type}: ${event.message}` : event.type)
  console.log(await broker.balances())
}
// Nothing is held: what is meant to leave a position says so, and is refused.
await show('leave', trade({ ...order, side: 'sell', reduceOnly: true }))
// Without it, ten shares are borrowed and sold.
await show('sell', trade({ ...order, side: 'sell' }))
await show('turn', trade({ ...order, side: 'buy', quantity: '15' }))
await show('cover', trade({ ...order, side: 'buy', reduceOnly: true }))
await broker.close()
await venue.close()
