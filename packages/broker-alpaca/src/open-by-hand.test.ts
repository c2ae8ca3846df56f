import { openByHand } from '@tradeswarm/testing'
import { createFakeAlpaca } from '@tradeswarm/testing/fakes'
import { afterEach, expect, test } from 'vitest'
import { createAlpacaBroker } from './create-alpaca-broker.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { until } from './live-account.test-support.js'

afterEach(stopAll)

test('an account that is opened by hand trades, and says what became of each order', async () => {
  const fake = await createFakeAlpaca()
  stopLater(() => fake.close())
  await fake.market.quote('AAPL', '187.40', '187.50', { askSize: '4' })
  const { keyId, secret, url } = fake
  const definition = createAlpacaBroker({ keyId, secret, symbols: ['AAPL'], account: 'mine', urls: { trading: url } })
  const { broker, trade } = await openByHand(definition)
  stopLater(() => broker.close())
  const order = { symbol: 'AAPL', side: 'buy', type: 'market', timeInForce: 'day' } as const
  // In two parts: the first is not the end.
  const traded = trade({ ...order, quantity: '10' })
  while (fake.orders()[0]?.['status'] !== 'partially_filled') await broker.time()
  await fake.market.quote('AAPL', '187.40', '187.60')
  expect((await traded).map(({ type }) => type)).toEqual(['accepted', 'filled', 'filled'])
  expect(await trade({ ...order, side: 'sell', quantity: '11' })).toMatchObject([{ type: 'rejected' }])
  const resting = trade({ ...order, type: 'limit', limitPrice: '1', quantity: '1' }, { timeoutMs: 1 })
  await expect(resting).rejects.toMatchObject({ code: 'TIMED_OUT' })
  // It lives on, under an id of its own.
  const ids = (): number => new Set(fake.orders().map((one) => one['client_order_id'])).size
  await until(() => ids() === 2, 'the order is there')
})
