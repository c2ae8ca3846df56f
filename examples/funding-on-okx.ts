// Funding of a swap at OKX's double on this machine.
import { createOkxBroker } from '@tradeswarm/broker-okx'
import { openByHand } from '@tradeswarm/testing'
import { createFakeOkx } from '@tradeswarm/testing/fakes'

const venue = await createFakeOkx()
const symbol = 'BTC-USDT-SWAP'
await venue.market.quote(symbol, '50000', '50000')
const { keyId: key, secret, passphrase, url: rest } = venue // process.env of yours
const { broker, trade } = await openByHand(
  createOkxBroker({ key, secret, passphrase, symbols: [symbol], urls: { rest } }),
)
await trade({ symbol, side: 'buy', type: 'market', quantity: '100', timeInForce: 'gtc' })

// One coin is held, and pays 0.01 % of what it is worth at the mark price; at a rate below 0 it would receive.
const time = venue.market.now()
await venue.market.emit({ type: 'funding', symbol, time, rate: '0.0001', price: '50000' })
for (const { type, amount, currency } of await broker.movements(0)) console.log(type, amount, currency)
await broker.close()
await venue.close()
