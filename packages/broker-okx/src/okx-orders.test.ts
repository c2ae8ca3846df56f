import { createSeededRandom } from '@tradeswarm/core'
import { createOpenGuard } from '@tradeswarm/testing'
import type { OrderRequest } from '@tradeswarm/trading'
import { afterEach, describe, expect, it, test } from 'vitest'
import { withExits } from './attached-exits.js'
import { createOkxBroker } from './create-okx-broker.js'
import { explainRefusal } from './explain-refusal.js'
import { stopAll } from './fake-account.test-support.js'
import { type OkxListing, parseInstrument } from './instruments.js'
import { hurriedLine, type LiveAccount, market, openLive, until } from './live-account.test-support.js'
import { type AlgoWire, type MappingTerms, mapOrder, type OrderWire, withTarget } from './map-order.js'
import { readTag, tagOf } from './order-tag.js'
import { parseOkxOptions } from './parse-okx-options.js'
import { RestClient } from './rest-client.js'
import { TradingClient } from './trading-client.js'

afterEach(stopAll)

const spot: MappingTerms = { isSwap: false, tdMode: 'cash', now: 0 }
const swap: MappingTerms = { isSwap: true, tdMode: 'cross', now: 0 }
const stop = { side: 'sell', type: 'stop', stopPrice: '45000' } as const
const contracts = { symbol: 'BTC-USDT-SWAP', quantity: '10' } as const

const listingOf = (symbol: string): OkxListing =>
  parseInstrument({
    instType: 'SPOT',
    instId: symbol,
    baseCcy: 'BTC',
    quoteCcy: 'USDT',
    tickSz: '0.1',
    lotSz: '0.00000001',
    minSz: '0.00001',
    state: 'live',
  })

/** Holds coins that a stop has sold. */
const hold = async (account: LiveAccount): Promise<string> => {
  await account.place(market)
  const id = await account.place({ ...stop, quantity: '0.02' })
  await account.fake.market.quote('BTC-USDT', '44500', '44510')
  await until(() => account.words(id).includes('filled'), 'sold')
  return id
}

const clientOf = ({ fake }: LiveAccount): TradingClient => {
  const { keyId: key, secret, passphrase, url: rest } = fake
  const { connection } = parseOkxOptions({ key, secret, passphrase, urls: { rest }, rateMultiplier: 1_000 })
  return new TradingClient(new RestClient(connection, createSeededRandom(1), { now: () => fake.market.now() }))
}

const wireOf = ({ request }: LiveAccount, fields: Parameters<LiveAccount['request']>[0], terms = spot) => {
  const mapped = mapOrder(request(fields), terms)
  if ('unmappable' in mapped) throw new Error(mapped.message)
  return mapped.wire
}

describe('spot', () => {
  it('is bought in coins and in money, with its fee in what is received', async () => {
    const { fake, broker, place, words, events } = await openLive()
    const id = await place({ ...market, quantity: '0.5' })
    await until(() => words(id).includes('filled'), 'filled')
    expect(fake.requests.find(({ method }) => method === 'POST')?.body).toMatchObject({
      tgtCcy: 'base_ccy',
      sz: '0.5',
      banAmend: true,
    })
    const fill = events.find(({ type }) => type === 'filled')
    expect(fill).toMatchObject({
      execution: { price: '50010', quantity: '0.5', fee: '0.0005', feeCurrency: 'BTC', liquidity: 'taker' },
    })
    const spent = await place({ type: 'market', quantity: '1000', sizedIn: 'quote' })
    await until(() => words(spent).includes('filled'), 'filled')
    expect(await broker.order(spent)).toMatchObject({ quantity: '1000' })
    expect(await broker.balances()).toMatchObject([{ asset: 'BTC' }, { asset: 'USDT' }])
    expect(broker.instrument('BTC-USDT')).toMatchObject({
      kind: 'crypto-spot',
      asset: 'BTC',
      currency: 'USDT',
      tickSize: '0.1',
    })
  })

  it('a stop waits at the venue, becomes an order when it is reached, and keeps its name', async () => {
    const { fake, broker, place, words, events } = await openLive()
    await place(market)
    const id = await place({ ...stop, quantity: '0.09', reduceOnly: true })
    expect(await broker.openOrders()).toMatchObject([{ clientOrderId: id, status: 'open', quantity: '0.09' }])
    await fake.market.quote('BTC-USDT', '44000', '44010')
    await until(() => words(id).includes('filled'), 'filled')
    expect(words(id)).toEqual(['accepted', 'triggered', 'filled'])
    expect(
      new Set(events.filter(({ clientOrderId }) => clientOrderId === id).map((event) => event.venueOrderId)).size,
    ).toBe(1)
    expect(await broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '0.09' })
    expect((await broker.executions(0)).at(-1)).toMatchObject({ clientOrderId: id, execution: { price: '44000' } })
  })

  it('a stop whose level the market has passed already is an order at once', async () => {
    const { fake, place, words } = await openLive()
    await place(market)
    const id = await place({ ...stop, stopPrice: '51000', quantity: '0.05', reduceOnly: true })
    await until(() => words(id).includes('filled'), 'filled')
    expect(words(id)).toEqual(['accepted', 'triggered', 'filled'])
    expect(fake.orders().at(-1)).toMatchObject({ ordType: 'market', clOrdId: id })
  })

  it('cancels a stop before and after it was set off', async () => {
    const { fake, broker, place, words } = await openLive()
    await place(market)
    const waiting = await place({ ...stop, quantity: '0.01' })
    const leapt = await place({
      ...stop,
      type: 'stop-limit',
      stopPrice: '46000',
      limitPrice: '45900',
      quantity: '0.01',
    })
    await fake.market.quote('BTC-USDT', '45500', '45510')
    await until(() => words(leapt).includes('triggered'), 'triggered')
    await broker.cancel(waiting)
    await broker.cancel(leapt)
    await until(() => [waiting, leapt].every((id) => words(id).includes('canceled')), 'both are cancelled')
    expect(words(leapt)).toEqual(['accepted', 'triggered', 'canceled'])
    expect(await broker.openOrders()).toEqual([])
  })
})

describe('swaps', () => {
  it('are traded in contracts, long and short, with what closing has paid out', async () => {
    const { fake, broker, place, words, events } = await openLive()
    expect(broker.instrument('BTC-USDT-SWAP')).toMatchObject({
      kind: 'perpetual',
      asset: 'BTC-USDT-SWAP',
      currency: 'USDT',
      multiplier: '0.01',
    })
    const id = await place({ ...contracts, ...market, side: 'sell' })
    await until(() => words(id).includes('filled'), 'filled')
    expect(await broker.balances()).toMatchObject([{ asset: 'BTC-USDT-SWAP', total: '-10' }, { asset: 'USDT' }])
    expect(fake.requests.find(({ method }) => method === 'POST')?.body).toMatchObject({
      tdMode: 'cross',
      ordType: 'optimal_limit_ioc',
    })
    await fake.market.quote('BTC-USDT-SWAP', '48990', '49000')
    const exit = await place({ ...contracts, ...market, side: 'buy', reduceOnly: true })
    await until(() => words(exit).includes('filled'), 'filled')
    // 10 contracts of 0.01 from 49,990 to 49,000.
    expect(events.at(-1)).toMatchObject({ execution: { realised: '99', feeCurrency: 'USDT' } })
    expect(await broker.balances()).toMatchObject([{ asset: 'USDT' }])
  })

  it('an exit may not open a position', async () => {
    const { place, events } = await openLive()
    const id = await place({ ...contracts, ...market, side: 'sell', reduceOnly: true })
    const word = events.find(({ clientOrderId }) => clientOrderId === id)
    expect(word).toMatchObject({ type: 'rejected', code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION' })
  })

  it('a stop and a trailing stop of a position are exits that wait', async () => {
    const { fake, broker, place, words } = await openLive()
    await place({ ...contracts, ...market })
    const fixed = await place({ ...contracts, ...stop, quantity: '4', reduceOnly: true })
    const trailing = await place({
      ...contracts,
      side: 'sell',
      type: 'trailing-stop',
      trailFraction: '0.02',
      quantity: '6',
      reduceOnly: true,
    })
    await fake.market.quote('BTC-USDT-SWAP', '51990', '52000')
    await fake.market.quote('BTC-USDT-SWAP', '50800', '50810')
    await until(() => words(trailing).includes('filled'), 'the trailing stop')
    await fake.market.quote('BTC-USDT-SWAP', '44000', '44010')
    await until(() => words(fixed).includes('filled'), 'the stop')
    expect(await broker.balances()).toMatchObject([{ asset: 'USDT' }])
  })

  it('cannot be traded in spot mode, which is said', async () => {
    const { place, events } = await openLive({}, { accountLevel: '1' })
    await place({ ...contracts, ...market })
    expect(events).toMatchObject([{ type: 'rejected', code: 'ACCOUNT_MODE' }])
  })

  it('tells what is held as it changes, and what funding has moved', async () => {
    let now = Date.UTC(2026, 2, 2, 7)
    const account = await openLive({}, { clock: { now: () => now }, funding: { rates: { 'BTC-USDT-SWAP': '0.0001' } } })
    const { fake, broker, place } = account
    const held: string[] = []
    broker.subscribeAccount(({ positions }) => held.push(...positions.map(({ quantity }) => quantity)))
    await place({ ...contracts, ...market })
    await until(() => held.includes('10'), 'the position')
    await fake.market.trade('BTC-USDT-SWAP', '50000')
    now = Date.UTC(2026, 2, 2, 8, 1)
    await fake.market.quote('BTC-USDT-SWAP', '49990', '50010')
    expect(await broker.movements(0)).toMatchObject([
      { type: 'funding', symbol: 'BTC-USDT-SWAP', currency: 'USDT', amount: expect.stringMatching(/^-0\.5/) },
    ])
    expect(await broker.movements(now)).toEqual([])
  })
})

test('what is held is told to the others where a listener throws, whose own fault that is', async () => {
  const { broker, place, log } = await openLive()
  const held: string[] = []
  broker.subscribeAccount(() => {
    throw new Error('of the user')
  })
  broker.subscribeAccount(({ positions }) => held.push(...positions.map(({ quantity }) => quantity)))
  await place({ ...contracts, ...market })
  await until(() => held.includes('10'), 'the position')
  expect(new Set(log)).toEqual(new Set(['a listener of the account failed {"error":"of the user"}']))
})

describe('orders in groups', () => {
  it('a stop and a target in one cancel one another', async () => {
    const account = await openLive()
    const { fake, place, words } = account
    await place(market)
    const wire = wireOf(account, { ...stop, quantity: '0.05' }) as AlgoWire
    const { id } = await clientOf(account).submitAlgo(withTarget(wire, '55000'))
    await fake.market.quote('BTC-USDT', '55100', '55110')
    await until(() => words(wire.algoClOrdId).includes('filled'), 'the target')
    expect(words(wire.algoClOrdId)).toEqual(['accepted', 'triggered', 'filled'])
    expect(await clientOf(account).algo(id)).toMatchObject({ state: 'effective' })
    expect(await clientOf(account).openAlgos()).toEqual([])
  })

  it('an entry brings its exits with it, which come to life when it has filled', async () => {
    const account = await openLive()
    const entry = withExits(wireOf(account, { limitPrice: '49000' }) as OrderWire, {
      targetPrice: '55000',
      stopPrice: '45000',
      clientOrderId: 'exits1',
    })
    await clientOf(account).submit(entry, account.fake.market.now() + 5_000)
    expect(await clientOf(account).openAlgos()).toEqual([])
    await account.fake.market.quote('BTC-USDT', '48800', '48900')
    await until(() => account.words('exits1').includes('accepted'), 'the exits')
    expect(await account.broker.openOrders()).toMatchObject([{ clientOrderId: 'exits1', status: 'open' }])
  })

  it('cancels all that is open, whatever it is', async () => {
    const { broker, place, words } = await openLive()
    await place(market)
    const ids = [await place(), await place({ limitPrice: '44000' }), await place({ ...stop, quantity: '0.05' })]
    expect(await broker.cancelAll()).toBe(3)
    await until(() => ids.every((id) => words(id).includes('canceled')), 'all are cancelled')
  })

  it.each(['50013', '50026'])('cancels what the venue had no time for (%s) among several', async (sCode) => {
    let answers = 0
    const { broker, place, words, asked } = await openLive({
      transport: {
        async fetch(url, init) {
          if (!url.endsWith('/cancel-batch-orders')) return fetch(url, init)
          // The venue takes note of the first.
          const items = JSON.parse(init.body as string) as { ordId: string }[]
          answers += 1
          const data = items.map(({ ordId }, index) => ({ ordId, sCode: index === 0 ? '0' : sCode, sMsg: 'busy' }))
          return Response.json({ code: '2', msg: 'Bulk operation partially succeeded.', data })
        },
      },
    })
    const ids = [await place(), await place({ limitPrice: '44000' }), await place({ limitPrice: '43000' })]
    expect(await broker.cancelAll()).toBe(3)
    await until(() => ids.slice(1).every((id) => words(id).includes('canceled')), 'the others are cancelled')
    expect([answers, asked('POST trade/cancel-order')]).toEqual([1, 2])
  })

  it('amends an order and a stop in place', async () => {
    const account = await openLive()
    const { broker, place, fake } = account
    await place(market)
    const [id, stopId] = [await place(), await place({ ...stop, quantity: '0.05' })]
    const [order, algo] = [await broker.order(id), await broker.order(stopId)]
    const client = clientOf(account)
    const instId = 'BTC-USDT'
    await client.amend(
      { instId, ordId: order?.venueOrderId ?? '', newSz: '0.2', newPx: '46000' },
      fake.market.now() + 5_000,
    )
    await client.amendAlgo({ instId, algoId: algo?.venueOrderId ?? '', newSlTriggerPx: '46000' })
    expect(await client.orderByClientId(instId, id)).toMatchObject({ quantity: '0.2', price: '46000', state: 'live' })
    expect(await client.algoByClientId(stopId)).toMatchObject({ stopPrice: '46000', state: 'live' })
  })
})

describe('after a restart', () => {
  it('orders and stops are known by their names, and what ended meanwhile is found', async () => {
    const first = await openLive()
    await first.place(market)
    const [resting, filled, waiting, reached] = [
      await first.place(),
      await first.place({ limitPrice: '49000' }),
      await first.place({ ...stop, quantity: '0.01', stopPrice: '40000' }),
      await first.place({ ...stop, quantity: '0.02' }),
    ]
    await first.broker.close()
    await first.fake.market.quote('BTC-USDT', '44500', '44510')
    const { broker, words, fake } = await first.reopen()
    expect(await broker.order(resting)).toMatchObject({ status: 'filled' })
    expect(await broker.order(filled)).toMatchObject({ status: 'filled', filledQuantity: '0.1' })
    expect(await broker.order(reached)).toMatchObject({ status: 'filled', filledQuantity: '0.02' })
    expect((await broker.executions(0)).map(({ clientOrderId }) => clientOrderId)).toContain(reached)
    expect(await broker.openOrders()).toMatchObject([{ clientOrderId: waiting, status: 'open' }])
    await broker.cancel(waiting)
    await until(() => words(waiting).includes('canceled'), 'canceled')
    expect(words(waiting)).toEqual(['canceled'])
    await fake.market.quote('BTC-USDT', '39000', '39010')
    expect(await broker.order('never1')).toBeUndefined()
  })

  it('what stops have become has their names though OKX names only their algo orders', async () => {
    const { clock, transport } = hurriedLine()
    // As a captured push of such an order tells it.
    const fetch: typeof transport.fetch = async (url, init) => {
      const answer = await transport.fetch(url, init)
      if (!/trade\/order(s-pending)?(\?|$)/.test(url) || init?.method === 'POST') return answer
      const body = (await answer.text()).replace(/"algoClOrdId":"[^"]*",/g, '')
      const text = body.replace(
        /"algoId":"(\d*)",(.*?)"linkedAlgoOrd":{"algoId":""}/g,
        '$2"linkedAlgoOrd":{"algoId":"$1"}',
      )
      return new Response(text, { status: answer.status })
    }
    const first = await openLive({ transport: { ...transport, clock, fetch } }, { clock })
    await first.place(market)
    const reached = await first.place({ ...stop, quantity: '0.02' })
    const resting = await first.place({ ...stop, type: 'stop-limit', limitPrice: '44900', quantity: '0.01' })
    await first.broker.close()
    await first.fake.market.quote('BTC-USDT', '44500', '44510')
    const { broker, fake, words } = await first.reopen()
    expect(await broker.openOrders()).toMatchObject([{ clientOrderId: resting }])
    expect((await broker.executions(0)).map(({ clientOrderId }) => clientOrderId)).toContain(reached)
    await fake.market.quote('BTC-USDT', '44950', '44960')
    await until(() => words(resting).includes('filled'), 'filled')
  })

  it('an execution whose order is not to be seen is not left out', async () => {
    const first = await openLive()
    const id = await hold(first)
    const { broker, fake } = await first.reopen()
    fake.fail({ kind: 'hidden', on: 'GET /api/v5/trade/order' })
    await expect(broker.executions(0)).rejects.toMatchObject({ code: 'BROKER_ORDER_UNSEEN' })
    expect((await broker.executions(0)).at(-1)).toMatchObject({ clientOrderId: id })
  })

  it('executions that were told are not told again', async () => {
    const first = await openLive()
    const id = await first.place({ limitPrice: '49000' })
    await first.fake.market.trade('BTC-USDT', '48990', '0.04')
    await until(() => first.words(id).includes('filled'), 'a part')
    const { fake, words, events } = await first.reopen()
    await fake.market.quote('BTC-USDT', '48800', '48900')
    await until(() => words(id).includes('filled'), 'the rest')
    expect(events).toMatchObject([{ type: 'filled', execution: { quantity: '0.06' } }])
  })
})

describe('orders that end at an instant', () => {
  const noon = Date.UTC(2026, 2, 2, 12)

  it('are cancelled here, for OKX knows no such thing, and have expired', async () => {
    let now = noon
    const { broker, place, words } = await openLive({}, { clock: { now: () => now } })
    const [daily, dated, kept] = [
      await place({ timeInForce: 'day' }),
      await place({ timeInForce: 'gtd', expiresAt: noon + 60_000 }),
      await place({ ...stop, side: 'buy', stopPrice: '60000', timeInForce: 'gtc' }),
    ]
    now = noon + 60_000
    await broker.time()
    await until(() => words(dated).includes('expired'), 'the date')
    expect(words(daily)).toEqual(['accepted'])
    now = noon + 12 * 3_600_000
    await broker.time()
    await until(() => words(daily).includes('expired'), 'the day')
    expect(words(kept)).toEqual(['accepted'])
    expect(await broker.order(dated)).toMatchObject({ status: 'expired' })
  })

  it('are cancelled at the next opening where nobody was here then', async () => {
    let now = noon
    const first = await openLive({}, { clock: { now: () => now } })
    const [order, waiting] = [
      await first.place({ timeInForce: 'day' }),
      await first.place({ ...stop, side: 'buy', stopPrice: '60000', timeInForce: 'day' }),
    ]
    await first.broker.close()
    now = noon + 24 * 3_600_000
    const { broker, words } = await first.reopen()
    await until(() => [order, waiting].every((id) => words(id).includes('expired')), 'both')
    expect(await broker.order(order)).toMatchObject({ status: 'expired' })
    expect(await broker.order(waiting)).toMatchObject({ status: 'expired' })
  })

  test('the tag tells it', () => {
    const request = { timeInForce: 'day', type: 'limit' } as never
    expect(readTag(tagOf(request, noon) ?? '')).toEqual({ type: 'until', time: noon + 12 * 3_600_000 })
    expect(tagOf({ timeInForce: 'day', type: 'market' } as never, noon)).toBeUndefined()
    expect(readTag('tsnow')).toEqual({ type: 'at-once' })
    expect(readTag('somebodys1')).toBeUndefined()
    expect((tagOf(request, noon) ?? '').length).toBeLessThanOrEqual(16)
  })
})

describe('what OKX refuses is told with a code and what to do', () => {
  it.each([
    ['more than the account can pay', 'INSUFFICIENT_FUNDS', { quantity: '100' }],
    [
      'a sale of what is not held',
      'NOT_SHORTABLE',
      { symbol: 'AVAX-USDT', side: 'sell', limitPrice: '30', quantity: '1' },
    ],
    ['a price off the grid', 'PRICE_PRECISION', { limitPrice: '45000.123' }],
    ['less than the least size', 'QUANTITY_BELOW_MINIMUM', { quantity: '0.000001' }],
    ['contracts off the lot', 'QUANTITY_PRECISION', { ...contracts, quantity: '1.005' }],
    ['a symbol that is not listed', 'INSTRUMENT_NOT_FOUND', { symbol: 'NONE-USDT' }],
    ['a time in force that it has not', 'UNSUPPORTED_TIME_IN_FORCE', { timeInForce: 'at-close' }],
    ['an id that it does not take', 'INVALID_ORDER', { clientOrderId: 'not-legal' }],
    ['contracts for an amount of money', 'UNSUPPORTED_ORDER_TYPE', { ...contracts, type: 'market', sizedIn: 'quote' }],
    [
      'coins for an amount of money, all or nothing',
      'UNSUPPORTED_ORDER_TYPE',
      { type: 'market', timeInForce: 'fok', quantity: '1', sizedIn: 'quote' },
    ],
    ['to take as post-only', 'POST_ONLY_WOULD_TRADE', { limitPrice: '51000', postOnly: true }],
  ] as const)('%s: %s', async (_what, code, fields) => {
    const { place, events, broker } = await openLive()
    const id = await place(fields)
    const rejected = events.find(({ clientOrderId, type }) => clientOrderId === id && type === 'rejected')
    expect(rejected).toMatchObject({ type: 'rejected', code, message: expect.stringMatching(/./) })
    expect(await broker.order(id)).toMatchObject({ status: 'rejected' })
  })
})

test.each([
  [{ limitPrice: '45000.123' }, 'limitPrice: 45000.123 is no multiple of the tick 0.1'],
  [{ ...stop, stopPrice: '45000.05', reduceOnly: true }, 'stopPrice: 45000.05 is no multiple of the tick 0.1'],
  [{ ...contracts, quantity: '1.005' }, 'quantity: 1.005 is no multiple of the lot 0.01'],
  [{ quantity: '0.000001' }, 'quantity: 0.000001 is less than the minimum 0.00001'],
  [{ quantity: '100' }, 'symbol: BTC-USDT, quantity: 100, limitPrice: 45000: order less'],
] as const)('a refusal of %o names field and value', async (fields, named) => {
  const { place, events } = await openLive()
  await place(fields)
  expect(events).toMatchObject([{ type: 'rejected', message: expect.stringContaining(`; ${named}`) }])
})

test.each([
  [
    '51150',
    'The precision exceeds the limit',
    {},
    'quantity: 0.1, limitPrice: 45000: use fewer decimals of what OKX means',
  ],
  [
    '51150',
    'The precision exceeds the limit',
    { trailFraction: '0.01234', limitPrice: undefined },
    'quantity: 0.1, trailFraction: 0.01234: use fewer decimals',
  ],
  [
    '51121',
    'Order quantity must be a multiple of the lot size',
    { sizedIn: 'quote' },
    'quantity: 0.1: use a multiple of the lot',
  ],
  ['51020', 'Your order should meet or exceed the minimum', { sizedIn: 'quote' }, 'quantity: 0.1: order more'],
  ['51101', 'Order amount exceeds the limit', {}, 'quantity: 0.1: split the order'],
  ['51137', 'Your order price exceeds the upper limit', {}, 'limitPrice: 45000: use a price nearer'],
  ['51277', 'The TP trigger price cannot be higher', { stopPrice: '46000' }, 'stopPrice: 46000: the market is past it'],
  ['51000', 'Parameter sz error', {}, 'quantity: 0.1: correct it'],
  ['51000', 'Parameter slTriggerPx error', { stopPrice: '1' }, 'stopPrice: 1: correct it'],
  ['50014', 'Parameter px can not be empty.', { limitPrice: undefined }, 'limitPrice: it is missing: correct it'],
  ['51001', 'Instrument ID does not exist', {}, 'symbol: BTC-USDT: check the symbol'],
] as const)('what %s says (%s) of %o names field and value', async (venueCode, message, fields, named) => {
  const { request } = await openLive()
  const { limitPrice, ...rest } = { ...request(), limitPrice: '45000', ...fields, quantity: '0.1' }
  const order = (limitPrice === undefined ? rest : { ...rest, limitPrice }) as OrderRequest
  const refusal = { status: 200, venueCode, message, details: {} }
  expect(explainRefusal(refusal, order, listingOf('BTC-USDT')).message).toContain(`; ${named}`)
})

test('cancels what it knows with a single request', async () => {
  const { fake, broker, place, words, asked } = await openLive()
  const id = await place()
  const before = fake.requests.length
  await broker.cancel(id)
  expect(fake.requests.length - before).toBe(1)
  expect(asked('POST trade/cancel-order')).toBe(1)
  await until(() => words(id).includes('canceled'), 'canceled')
})

test('what has ended is remembered when OKX has forgotten it, and what lives is missing then', async () => {
  const { fake, broker, place, words } = await openLive()
  const [ended, living] = [await place(), await place()]
  await broker.cancel(ended)
  await until(() => words(ended).includes('canceled'), 'canceled')
  fake.fail({ kind: 'hidden', on: 'GET /api/v5/trade/order', times: 2 })
  expect(await broker.order(ended)).toMatchObject({ status: 'canceled' })
  expect(await broker.order(living)).toBeUndefined()
  expect(await broker.order(living)).toMatchObject({ status: 'open' })
})

test('an id is used once while the account is open, though OKX would take it again', async () => {
  const { broker, place, words, asked } = await openLive()
  const id = await place()
  await broker.cancel(id)
  await until(() => words(id).includes('canceled'), 'canceled')
  await expect(place({ clientOrderId: id })).rejects.toMatchObject({ code: 'DUPLICATE_CLIENT_ORDER_ID' })
  expect(asked('POST trade/order')).toBe(1)
})

test('orders in OKX’s words', () => {
  const request = {
    account: 'okx',
    clientOrderId: 'one',
    symbol: 'AVAX-USDT',
    side: 'sell',
    quantity: '2',
    timeInForce: 'gtc',
    reduceOnly: true,
  } as const
  expect(mapOrder({ ...request, type: 'limit', limitPrice: '30' }, spot)).toEqual({
    kind: 'order',
    wire: {
      instId: 'AVAX-USDT',
      tdMode: 'cash',
      clOrdId: 'one',
      side: 'sell',
      ordType: 'limit',
      sz: '2',
      px: '30',
      stpMode: 'cancel_maker',
    },
  })
  expect(mapOrder({ ...request, type: 'market', timeInForce: 'ioc' }, swap)).toMatchObject({
    wire: { ordType: 'optimal_limit_ioc', tdMode: 'cross', reduceOnly: true, tag: 'tsnow' },
  })
  expect(mapOrder({ ...request, type: 'trailing-stop', trailFraction: '0.025' }, swap)).toMatchObject({
    kind: 'algo',
    wire: { ordType: 'move_order_stop', callbackRatio: '0.025', algoClOrdId: 'one', reduceOnly: true },
  })
  expect(mapOrder({ ...request, type: 'stop-limit', stopPrice: '29', limitPrice: '28' }, spot)).toMatchObject({
    kind: 'algo',
    wire: { ordType: 'conditional', slTriggerPx: '29', slOrdPx: '28', tgtCcy: 'base_ccy' },
  })
  expect(mapOrder({ ...request, side: 'buy', type: 'market' }, spot)).toMatchObject({
    code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION',
  })
})

test.each([
  [{ key: '' }, /key/],
  [{ passphrase: 'a b' }, /passphrase/],
  [{ mode: 'live' }, /allowLive: true/],
  [{ mode: 'paper' }, /mode/],
  [{ site: 'moon' }, /site/],
  [{ symbols: ['btc/usdt'] }, /symbols/],
  [{ urls: { rest: 'http://example.org' } }, /urls.rest/],
  [{ heartbeatMs: 1 }, /heartbeatMs/],
  [{ heartbeatMs: 30_000 }, /heartbeatMs: .* 25,000/],
  [{ requestLifetimeMs: 1 }, /requestLifetimeMs/],
  [{ rateMultiplier: 0 }, /rateMultiplier/],
  [{ marginMode: 'none' }, /marginMode/],
  [{ currency: 'usdt' }, /currency/],
  [{ heartbeat: 1 }, /did you mean heartbeatMs/],
  [{ urls: { rset: 'https://example.org' } }, /urls: .* did you mean rest/],
])('options that cannot be are refused without showing a key: %o', (options, fault) => {
  const make = () =>
    createOkxBroker({ key: 'THE-KEY', secret: 'the-secret', passphrase: 'the-phrase', ...(options as object) })
  expect(make).toThrow(fault)
  expect(make).not.toThrow(/the-secret|THE-KEY|the-phrase/)
})

test('live is said twice, demo is the default, and sites have hosts of their own', () => {
  const keys = { key: 'k', secret: 's', passphrase: 'p' }
  expect(createOkxBroker(keys).mode).toBe('demo')
  expect(createOkxBroker({ ...keys, mode: 'live', allowLive: true }).mode).toBe('live')
  const urlsOf = (options: object) => {
    const { restUrl, streamUrl } = parseOkxOptions({ ...keys, ...options }).connection
    return [restUrl, streamUrl]
  }
  expect(urlsOf({})).toEqual(['https://www.okx.com', 'wss://wspap.okx.com:8443/ws/v5'])
  expect(urlsOf({ site: 'eea', mode: 'live', allowLive: true })).toEqual([
    'https://eea.okx.com',
    'wss://wseea.okx.com:8443/ws/v5',
  ])
  expect(urlsOf({ site: 'us' })).toEqual(['https://us.okx.com', 'wss://wsuspap.okx.com:8443/ws/v5'])
  expect(urlsOf({ urls: { rest: 'https://proxy.example/' } })).toEqual([
    'https://proxy.example',
    'wss://proxy.example/ws/v5',
  ])
})

test.each([
  [{ takeProfit: '95' }, 'takeProfit: an order has no such field'],
  [{ timeInForce: 'gtd', expiresAt: 'x' }, 'expiresAt: "x": use milliseconds since 1970'],
  [{ account: 'another' }, 'account: this is "okx", and the order is for "another"'],
  [{ quantity: 5 }, 'quantity: 5 is no decimal text'],
] as const)('of an order nothing is left out: %o is refused before it is sent', async (odd, message) => {
  const { broker, request, events, asked } = await openLive()
  const order = { ...request(), ...odd } as unknown as OrderRequest
  await broker.place(createOpenGuard().permit(order))
  expect(events).toMatchObject([{ type: 'rejected', message: expect.stringContaining(message) }])
  expect(asked('POST trade/order')).toBe(0)
})

test('nor is anything of an amendment', async () => {
  const { broker, place, request, events, asked } = await openLive()
  const id = await place()
  const order = { ...request({ clientOrderId: 'by1' }), limitprice: '44000' }
  await broker.replace(id, createOpenGuard().permit(order))
  const message = expect.stringContaining('limitprice: an order has no such field; did you mean limitPrice?')
  expect(events.at(-1)).toMatchObject({ type: 'replace-rejected', message })
  expect(asked('POST trade/amend-order')).toBe(0)
})

test('a symbol that OKX does not list is told when the account is opened', async () => {
  const { log } = await openLive({ symbols: ['BTC-USDT', 'BTC-USDX'] })
  expect(log).toEqual([expect.stringMatching(/a symbol cannot be traded: .* {"symbol":"BTC-USDX"}/)])
})
