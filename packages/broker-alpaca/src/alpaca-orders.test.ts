import { createSeededRandom } from '@tradeswarm/core'
import type { OrderRequest } from '@tradeswarm/trading'
import { afterEach, describe, expect, it, test } from 'vitest'
import { createAlpacaBroker } from './create-alpaca-broker.js'
import { createAlpacaMarketData } from './create-alpaca-market-data.js'
import { withExits, withStop } from './exit-legs.js'
import { stopAll } from './fake-account.test-support.js'
import { type LiveAccount, market, openLive, until } from './live-account.test-support.js'
import { type OrderWire, orderWire } from './map-order.js'
import { parseConnection } from './parse-alpaca-options.js'
import { RestClient } from './rest-client.js'
import { TradingClient } from './trading-client.js'

afterEach(stopAll)

const wireOf = ({ request }: LiveAccount, fields: Parameters<LiveAccount['request']>[0]): OrderWire => {
  const wire = orderWire(request(fields))
  if ('unmappable' in wire) throw new Error(wire.message)
  return wire
}

const clientOf = ({ fake }: LiveAccount): TradingClient =>
  new TradingClient(new RestClient(fake.url, parseConnection('test', fake, 'trading'), createSeededRandom(1)))

describe('a cancel that comes too late', () => {
  it('does not change why an order that had to trade at once has ended', async () => {
    const account = await openLive()
    const id = await account.place({ timeInForce: 'ioc' })
    await until(() => account.words(id).includes('expired'), 'the order has expired')
    await account.broker.cancel(id)
    expect(account.words(id)).not.toContain('canceled')
    expect(await account.broker.order(id)).toMatchObject({ status: 'expired' })
  })
})

describe('orders in groups', () => {
  it('a bracket brings its exits to life when it has filled, and one of them ends the other', async () => {
    const account = await openLive()
    const { fake, broker } = account
    const entry = withExits(wireOf(account, market), { targetPrice: '110', stopPrice: '95' })
    const { id, legs } = await clientOf(account).submit(entry)
    expect(legs.map(({ type, status }) => [type, status])).toEqual([
      ['limit', 'held'],
      ['stop', 'held'],
    ])
    const states = async () => (await clientOf(account).openOrders()).map(({ type }) => type)
    await until(() => fake.orders()[0]?.['status'] === 'filled', 'the entry has filled')
    expect(await states()).toEqual(['limit', 'stop'])
    await fake.market.quote('AAPL', '110.5', '110.7')
    expect(await states()).toEqual([])
    expect(fake.orders().map(({ status }) => status)).toEqual(['filled', 'filled', 'canceled'])
    expect(await broker.balances()).toMatchObject([{ asset: 'USD' }])
    expect(id).toBe(fake.orders()[0]?.['id'])
  })

  it('a target and a stop on one position cancel one another, and one alone follows an entry', async () => {
    const account = await openLive()
    const { fake } = account
    const client = clientOf(account)
    await account.place(market)
    const target = wireOf(account, { side: 'sell', limitPrice: '110', reduceOnly: true })
    await client.submit(withStop(target, { stopPrice: '95', stopLimitPrice: '94.5' }))
    const [pair, ...others] = await client.openOrders()
    expect([pair?.type, pair?.legs.map(({ type, status }) => [type, status]), others]).toEqual([
      'limit',
      [['stop_limit', 'held']],
      [],
    ])
    expect(await client.cancelAll()).toEqual({ count: 1, refused: [] })
    await until(() => fake.underWay === 0, 'the cancel has taken effect')
    expect(await client.openOrders()).toEqual([])
    const followed = withExits(wireOf(account, market), { stopPrice: '90' })
    expect(followed.order_class).toBe('oto')
    expect((await client.submit(followed)).legs).toHaveLength(1)
  })

  it('levels the wrong way round are refused', async () => {
    const account = await openLive()
    const wrong = withExits(wireOf(account, market), { targetPrice: '90', stopPrice: '95' })
    await expect(clientOf(account).submit(wrong)).rejects.toThrow(/take_profit.limit_price must be > stop_loss/)
  })
})

describe('crypto', () => {
  it('is bought and sold in fractions under our symbols, with its fee in what is received', async () => {
    const { fake, broker, place, events, words } = await openLive()
    const crypto = { symbol: 'BTC-USD', type: 'market', quantity: '0.5' } as const
    const id = await place(crypto)
    await until(() => words(id).includes('filled'), 'filled')
    const fill = events.find(({ type }) => type === 'filled')
    expect(fill).toMatchObject({ execution: { price: '50010', quantity: '0.5', fee: '0.00125', feeCurrency: 'BTC' } })
    expect(fake.requests.find(({ method }) => method === 'POST')?.body).toMatchObject({ symbol: 'BTC/USD', qty: '0.5' })
    expect(await broker.balances()).toMatchObject([{ asset: 'BTC', total: '0.49875' }, { asset: 'USD' }])
    expect(broker.instrument('BTC-USD')).toMatchObject({ kind: 'crypto-spot', asset: 'BTC', minimumNotional: '10' })
  })

  it.each([
    [{ type: 'limit', limitPrice: '50000', timeInForce: 'day' }, 'INVALID_ORDER'],
    [{ type: 'limit', limitPrice: '50000', quantity: '0.0001' }, 'NOTIONAL_BELOW_MINIMUM'],
    [{ type: 'trailing-stop', trailAmount: '100' }, 'INVALID_ORDER'],
  ] as const)('keeps its own rules: %o', async (fields, code) => {
    const { place, events } = await openLive()
    await place({ symbol: 'BTC-USD', quantity: '0.01', ...fields })
    expect(events).toMatchObject([{ type: 'rejected', code }])
  })
})

it('a market order of crypto for the day, as exits are, is taken: Alpaca knows no day for it', async () => {
  const { place, words, fake } = await openLive()
  const crypto = { symbol: 'BTC-USD', type: 'market', quantity: '0.5', timeInForce: 'day' } as const
  const entry = await place(crypto)
  await until(() => words(entry).includes('filled'), 'it is filled')
  const exit = await place({ ...crypto, side: 'sell', quantity: '0.49875', reduceOnly: true })
  await until(() => words(exit).includes('filled'), 'it is filled')
  expect(fake.orders().map((order) => order['time_in_force'])).toEqual(['gtc', 'gtc'])
  // What would rest has no such word.
  expect(words(await place({ symbol: 'BTC-USD', quantity: '0.5', timeInForce: 'day' }))).toEqual(['rejected'])
})

it('a stop of crypto goes as a stop-limit, since Alpaca has no other', async () => {
  const { fake, broker, place, words } = await openLive()
  const crypto = { symbol: 'BTC-USD', quantity: '0.5' } as const
  await place({ ...crypto, type: 'market' })
  const held = (await broker.balances())[0]?.total ?? '0'
  const id = await place({
    ...crypto,
    quantity: held,
    side: 'sell',
    type: 'stop',
    stopPrice: '48000',
    reduceOnly: true,
  })
  expect(fake.orders()[1]).toMatchObject({ type: 'stop_limit', stop_price: '48000', limit_price: '45600' })
  await fake.market.quote('BTC/USD', '47000', '47010')
  await until(() => words(id).includes('filled'), 'filled')
  expect(words(id)).toEqual(['accepted', 'triggered', 'filled'])
})

describe('what Alpaca refuses is told with a code and what to do', () => {
  it.each([
    ['an order against one’s own', 'SELF_TRADE_PREVENTION', { side: 'sell', limitPrice: '89' }],
    ['more than the account can pay', 'INSUFFICIENT_FUNDS', { quantity: '5000' }],
    ['a price off the grid', 'PRICE_PRECISION', { limitPrice: '90.123' }],
    ['a fraction, which was not asked for', 'QUANTITY_PRECISION', { quantity: '1.5', timeInForce: 'day' }],
    ['the venue’s own spelling of a pair', 'INSTRUMENT_NOT_FOUND', { symbol: 'BTC/USD' }],
    ['a word that is none', 'UNSUPPORTED_ORDER_TYPE', { type: 'marcket' as 'market' }],
    [
      'an exit without a position',
      'REDUCE_ONLY_WOULD_INCREASE_POSITION',
      { symbol: 'MSFT', side: 'sell', reduceOnly: true },
    ],
    ['a symbol that is not listed', 'INSTRUMENT_NOT_FOUND', { symbol: 'ZZZZ' }],
    ['a time in force that it has not', 'UNSUPPORTED_TIME_IN_FORCE', { timeInForce: 'gtd' }],
  ] as const)('%s: %s', async (_what, code, fields) => {
    const { place, events, broker } = await openLive()
    await place({ ...market, quantity: '10', symbol: 'AAPL' })
    await place()
    const id = await place(fields)
    const rejected = events.find(({ clientOrderId }) => clientOrderId === id)
    expect(rejected).toMatchObject({ type: 'rejected', code, message: expect.stringMatching(/./) })
    expect(await broker.order(id)).toMatchObject({ status: 'rejected' })
  })
})

it.each([
  [{ limitPrice: '90.123' }, 'limitPrice: 90.123 is no multiple of the tick 0.01'],
  [{ limitPrice: '0.12345' }, 'limitPrice: 0.12345 is no multiple of the tick 0.0001'],
  [{ type: 'stop', stopPrice: '120.001' }, 'stopPrice: 120.001 is no multiple of the tick 0.01'],
  [{ symbol: 'BTC-USD', limitPrice: '45000.1234567891' }, 'limitPrice: 45000.1234567891 is no multiple of'],
  [{ symbol: 'ZZZZ' }, 'symbol: ZZZZ: check the symbol'],
  [{ quantity: '5000' }, 'symbol: AAPL, quantity: 5000, limitPrice: 90: order less'],
  [
    { symbol: 'BTC-USD', limitPrice: '50000', quantity: '0.0001' },
    'quantity: 0.0001, limitPrice: 50000: order for more',
  ],
] as const)('a refusal of %o names field and value', async (fields, named) => {
  const { place, events } = await openLive()
  await place(fields)
  expect(events).toMatchObject([{ type: 'rejected', message: expect.stringContaining(`; ${named}`) }])
})

it('tells what Alpaca says of a fraction that is to rest over night', async () => {
  const { place, events } = await openLive({ fractionalShares: true })
  await place({ quantity: '1.5', timeInForce: 'gtc' })
  expect(events.at(-1)).toMatchObject({ type: 'rejected', code: 'INVALID_ORDER' })
})

it('trades fractions of shares where it is asked to', async () => {
  const { broker, place, words, events } = await openLive({ fractionalShares: true })
  expect(broker.instrument('AAPL')).toMatchObject({ lotSize: '0.000000001', minimumNotional: '1' })
  const id = await place({ ...market, quantity: '0.125' })
  await until(() => words(id).includes('filled'), 'filled')
  expect(events.at(-1)).toMatchObject({ execution: { quantity: '0.125', fee: '0' } })
})

it('cancels what it knows with a single request', async () => {
  const { fake, broker, place, words, asked } = await openLive()
  const id = await place()
  const before = fake.requests.length
  await broker.cancel(id)
  expect(fake.requests.length - before).toBe(1)
  expect(asked('DELETE /v2/orders')).toBe(1)
  await until(() => words(id).includes('canceled'), 'canceled')
})

it('cancels all that is open', async () => {
  const { broker, place, words } = await openLive()
  const ids = [await place(), await place({ limitPrice: '91' })]
  expect(await broker.cancelAll()).toBe(2)
  await until(() => ids.every((id) => words(id).includes('canceled')), 'both are cancelled')
})

test('orders in Alpaca’s words', () => {
  const request = {
    account: 'alpaca',
    clientOrderId: 'one',
    symbol: 'AVAX-USD',
    side: 'sell',
    quantity: '2',
    timeInForce: 'gtc',
    reduceOnly: false,
  } as const
  expect(orderWire({ ...request, type: 'trailing-stop', trailFraction: '0.025' })).toEqual({
    symbol: 'AVAX/USD',
    qty: '2',
    side: 'sell',
    type: 'trailing_stop',
    time_in_force: 'gtc',
    client_order_id: 'one',
    trail_percent: '2.5',
  })
  expect(
    orderWire({ ...request, type: 'stop-limit', stopPrice: '9', limitPrice: '8.9', reduceOnly: true }),
  ).toMatchObject({
    type: 'stop_limit',
    stop_price: '9',
    limit_price: '8.9',
    position_intent: 'sell_to_close',
  })
  expect(orderWire({ ...request, type: 'market', timeInForce: 'at-close' })).toMatchObject({ time_in_force: 'cls' })
  expect(orderWire({ ...request, type: 'limit', limitPrice: '9', postOnly: true })).toMatchObject({ unmappable: true })
})

test.each([
  [{ keyId: '' }, /keyId/],
  [{ mode: 'live' }, /allowLive: true/],
  [{ mode: 'demo' }, /mode/],
  [{ symbols: ['btc/usd'] }, /symbols/],
  [{ urls: { trading: 'http://example.org' } }, /urls.trading/],
  [{ heartbeatMs: 1 }, /heartbeatMs/],
  [{ cryptoFees: { maker: '2', taker: '0' } }, /cryptoFees.maker/],
  [{ heartbeat: 1 }, /did you mean heartbeatMs/],
  [{ urls: { tradng: 'https://example.org' } }, /urls: there is no option tradng; did you mean trading\?/],
  [{ cryptoFees: { maker: '0', taker: '0', takr: '0' } }, /cryptoFees: .* did you mean taker/],
  [{ transport: { fetsh: fetch } }, /transport: .* did you mean fetch/],
])('options that cannot be are refused without showing a key: %o', (options, fault) => {
  const make = () => createAlpacaBroker({ keyId: 'PKTHEKEY', secret: 'the-secret', ...(options as object) })
  expect(make).toThrow(fault)
  expect(make).not.toThrow(/the-secret|PKTHEKEY/)
})

test.each([
  [{ urls: { dataStrem: 'wss://example.org' } }, /createAlpacaMarketData: urls: .* did you mean dataStream/],
  [{ transport: { clok: undefined } }, /createAlpacaMarketData: transport: .* did you mean clock/],
])('nor does market data go to the real host for a misspelt option: %o', (options, fault) => {
  const make = () => createAlpacaMarketData({ keyId: 'k', secret: 's', symbols: [], ...(options as object) })
  expect(make).toThrow(fault)
})

test('live is said twice, paper is the default', () => {
  const keys = { keyId: 'PKTHEKEY', secret: 'the-secret' }
  expect(createAlpacaBroker(keys).mode).toBe('paper')
  expect(createAlpacaBroker({ ...keys, mode: 'live', allowLive: true }).mode).toBe('live')
})

test.each([
  [{ takeProfit: '95' }, 'takeProfit: an order has no such field'],
  [{ expiresAt: 5 }, 'expiresAt: gtd needs it, and nothing else takes it'],
  [{ account: 'another' }, 'account: this is "alpaca", and the order is for "another"'],
  [{ limitPrice: undefined }, 'limitPrice: a limit order needs limit price'],
  [{ symbol: undefined }, 'symbol: undefined is none'],
  [{ timeInForce: 'gtd' }, 'timeInForce: Alpaca has no gtd'],
] as const)('of an order nothing is left out: %o is refused before it is sent', async (odd, message) => {
  const { broker, guard, request, events, asked } = await openLive()
  await broker.place(guard.permit({ ...request(), ...odd } as unknown as OrderRequest))
  expect(events).toMatchObject([{ type: 'rejected', message: expect.stringContaining(message) }])
  expect(asked('POST')).toBe(0)
})

test('a symbol that Alpaca does not list is told when the account is opened', async () => {
  const { log } = await openLive({ symbols: ['AAPL', 'AAPLE', 'BTC-USD'] })
  expect(log).toEqual([expect.stringMatching(/a symbol cannot be traded: .* {"symbol":"AAPLE"}/)])
})
