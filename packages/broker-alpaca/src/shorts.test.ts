import { afterEach, expect, it } from 'vitest'
import { AccountWorld, day } from './account-world.test-support.js'
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

it.each([
  ['its target', '89.4', '89.5'],
  ['its stop', '106', '106.1'],
])('a kernel sells short, covers that, and leaves by %s, in another life', async (_, bid, ask) => {
  const world = new AccountWorld()
  await world.start({ shorting: true, regulatoryFees: false })
  const first = await world.life({ allowShorts: true })
  await world.openDay(first)
  await world.tell(first, { type: 'quote', symbol: 'AAA', time: day.open + 1_000, bid: '99.9', ask: '100.1' })
  const exits = { stopPrice: '105', targetPrice: '90', maximumSessions: 5 }
  await first.enter({ side: 'sell', type: 'limit', limitPrice: '99.9', exits })
  expect(first.kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '-50' }])
  const covering = world.fake.orders().filter(({ position_intent: intent }) => intent === 'buy_to_close')
  expect(covering.map(({ type }) => type)).toEqual(['limit', 'stop'])
  world.journal = first.survived()
  await first.end()
  const life = await world.life({ allowShorts: true })
  expect(life.kernel.tradingState().state).toBe('active')
  await world.tell(life, { type: 'quote', symbol: 'AAA', time: day.open + 60_000, bid, ask })
  expect(life.kernel.portfolio().positions).toEqual([])
  const balances = await life.broker()?.balances()
  expect(balances).toEqual([{ asset: 'USD', total: life.kernel.portfolio().cash['USD']?.total }])
})
