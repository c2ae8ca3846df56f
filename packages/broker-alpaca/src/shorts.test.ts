import { afterEach, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { market, openLive, until } from './live-account.test-support.js'

afterEach(stopAll)

it('an account that may sell short does so in whole shares, with exits that buy back', async () => {
  const { fake, broker, place, words } = await openLive({}, { shorting: true })
  expect(broker.instrument('AAPL')).toMatchObject({ shortable: true })
  expect(broker.instrument('BTC-USD')).toMatchObject({ shortable: false })
  const entry = await place({ ...market, side: 'sell' })
  await until(() => words(entry).includes('filled'), 'sold')
  expect(await broker.balances()).toEqual([
    { asset: 'AAPL', total: '-10' },
    { asset: 'USD', total: '100999' },
  ])
  const exits = await place({ side: 'buy', type: 'oco', limitPrice: '90', stopPrice: '110', reduceOnly: true })
  expect(await broker.order(exits)).toMatchObject({ status: 'open', side: 'buy', quantity: '10' })
  expect(fake.orders().slice(1)).toMatchObject([
    { side: 'buy', position_intent: 'buy_to_close' },
    { side: 'buy', position_intent: 'buy_to_close' },
  ])
  const more = await place({ ...market, side: 'buy', quantity: '1', reduceOnly: true })
  expect(words(more)).toEqual(['rejected'])
  await fake.market.quote('AAPL', '89', '89.5')
  await until(() => words(exits).includes('filled'), 'bought back')
  expect(await broker.balances()).toMatchObject([{ asset: 'USD' }])
})

it.each([
  ['an account that may not sell short', {}, {}],
  [
    'shares that nobody lends',
    { symbols: ['HARD'] },
    { shorting: true, assets: [{ symbol: 'AAPL' }, { symbol: 'BTC/USD' }, { symbol: 'HARD', shortable: false }] },
  ],
  ['shares that are ordered in fractions', { fractionalShares: true }, { shorting: true }],
])('%s: not shortable', async (_, options, fakeOptions) => {
  const { broker, place, events } = await openLive(options, fakeOptions)
  const symbol = 'symbols' in options ? 'HARD' : 'AAPL'
  expect(broker.instrument(symbol)).toMatchObject({ shortable: false })
  await place({ symbol, side: 'sell', quantity: '1.5', timeInForce: 'day' })
  expect(events).toMatchObject([{ type: 'rejected' }])
})
