// A double that fails when it is told to: an answer that is lost, and a stream that stammers.
import { createAlpacaBroker } from '@tradeswarm/broker-alpaca'
import { openByHand } from '@tradeswarm/testing'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'

const venue = await createFakeAlpaca()
await venue.market.quote('AAPL', '187.40', '187.50')
const { keyId, secret } = venue
const alpaca = createAlpacaBroker({ keyId, secret, symbols: ['AAPL'], urls: { trading: venue.url } })
const { broker, trade } = await openByHand(alpaca)
const order = { symbol: 'AAPL', side: 'buy', type: 'market', quantity: '10', timeInForce: 'day' } as const

// The next order lands, and the connection breaks before its answer; the adapter looks it up.
venue.fail({ kind: 'cut', when: 'after', on: 'POST /v2/orders' })
console.log('answer lost:', (await trade(order)).map(({ type }) => type).join(', '))

// Holds until it is taken back.
Object.assign(venue.conditions, { duplicateUpdates: true, shuffleUpdates: true })
let isOver = false
const traded = trade(order).finally(() => (isOver = true))
// An update that has no other to change places with waits for one, or to be let go.
while (!isOver) {
  await broker.time()
  venue.flushUpdates()
}
console.log('twice, out of order:', (await traded).map(({ type }) => type).join(', '))
Object.assign(venue.conditions, { duplicateUpdates: false, shuffleUpdates: false })

console.log(venue.orders().length, 'orders at the venue')
await broker.close()
await venue.close()
