import { createSeededRandom } from '@tradeswarm/core'
import type { BrokerEvent } from '@tradeswarm/trading'
import { afterEach, describe, expect, test } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { hurriedLine, type LiveAccount, openLive, until } from './live-account.test-support.js'
import { lookForMissing } from './look-for-missing.js'
import { OrderFinder } from './order-finder.js'
import { OrderTracker } from './order-tracker.js'
import { parseOkxOptions } from './parse-okx-options.js'
import { type OkxOrder, parseAlgo, parseFill, parseOrder } from './parse-order.js'
import { RestClient, type RestRequest } from './rest-client.js'
import { TradingClient } from './trading-client.js'

afterEach(stopAll)

const orders = 'GET /api/v5/trade/order'

/** Whoever else uses the account. */
const somebody = ({ fake }: LiveAccount): TradingClient => {
  const { keyId: key, secret, passphrase, url: rest } = fake
  const { connection } = parseOkxOptions({ key, secret, passphrase, urls: { rest }, rateMultiplier: 1_000 })
  return new TradingClient(new RestClient(connection, createSeededRandom(1), { now: () => fake.market.now() }))
}

const filled = ({ words }: LiveAccount, id: string): number => words(id).filter((word) => word === 'filled').length

test('an order that a break has hidden is told with what it has executed meanwhile', async () => {
  const account = await openLive()
  const { fake, broker, words } = account
  fake.conditions.loseUpdates = true
  const terms = { instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', px: '49000', sz: '0.1' } as const
  await somebody(account).submit({ ...terms, clOrdId: 'theirs' }, fake.market.now() + 5_000)
  await fake.market.trade('BTC-USDT', '48990', '0.04')
  expect(fake.orders()).toMatchObject([{ state: 'partially_filled' }])
  fake.conditions.loseUpdates = false
  fake.cutStreams('updates')
  await until(() => words('theirs').includes('accepted'), 'it is found')
  await broker.settled()
  expect(words('theirs')).toEqual(['accepted', 'filled'])
})

test('an execution that is missing is fetched though its order is not to be seen', async () => {
  const account = await openLive()
  const { fake, broker, place, words } = account
  const id = await place({ limitPrice: '49000' })
  await broker.settled()
  fake.conditions.loseUpdates = true
  await fake.market.trade('BTC-USDT', '48990', '0.04')
  fake.conditions.loseUpdates = false
  fake.fail({ kind: 'hidden', on: orders })
  await fake.market.trade('BTC-USDT', '48990', '0.02')
  await until(() => filled(account, id) >= 1, 'the second')
  await broker.settled()
  expect(filled(account, id)).toBe((await broker.executions(0)).length)
  expect(words(id).length).toBeGreaterThan(2)
})

test('an order that is not to be seen after a break is missing until it is', async () => {
  const account = await openLive()
  const { fake, words } = account
  fake.conditions.loseUpdates = true
  const id = await account.place()
  await somebody(account).cancelMany([parseOrder(fake.orders()[0])])
  await until(() => fake.orders()[0]?.['state'] === 'canceled', 'it is cancelled')
  fake.conditions.loseUpdates = false
  fake.fail({ kind: 'hidden', on: orders, times: 1_000 })
  const looks = account.asked('GET trade/orders-pending')
  fake.cutStreams('updates')
  await until(() => account.asked('GET trade/orders-pending') > looks, 'it was looked for')
  await account.broker.settled()
  fake.heal()
  await until(() => words(id).includes('canceled'), 'its end is told')
  expect(words(id)).toEqual(['accepted', 'canceled'])
})

test('what the venue took a moment ago, and does not show yet after a break, lives on', async () => {
  const account = await openLive()
  const { fake, broker, words } = account
  fake.conditions.loseUpdates = true
  const entry = await account.place()
  const stop = await account.place({ type: 'stop', stopPrice: '55000' })
  fake.conditions.loseUpdates = false
  fake.fail({ kind: 'hidden', on: 'GET /api/v5/trade', times: 1_000 })
  const looks = account.asked('GET trade/order')
  fake.cutStreams('updates')
  await until(() => account.asked('GET trade/order') > looks, 'it was looked for')
  await broker.settled()
  expect([words(entry), words(stop)]).toEqual([['accepted'], ['accepted']])
  fake.heal()
  expect((await broker.openOrders()).map(({ clientOrderId }) => clientOrderId).sort()).toEqual([entry, stop].sort())
})

test('a post-only order that cannot be asked for when it was taken is asked for again, though the stream breaks', async () => {
  const account = await openLive()
  const { fake, words } = account
  fake.conditions.loseUpdates = true
  fake.fail({ kind: 'hidden', on: orders, times: 3 })
  const crossing = await account.place({ limitPrice: '51000', postOnly: true })
  fake.fail({ kind: 'hidden', on: orders, times: 3 })
  const resting = await account.place({ limitPrice: '49000', postOnly: true })
  fake.conditions.loseUpdates = false
  fake.cutStreams('updates')
  await until(() => words(crossing).length > 0 && words(resting).length > 0, 'both are told of')
  expect([words(crossing), words(resting)]).toEqual([['rejected'], ['accepted']])
})

test('what a stop has become is missing until it is to be seen', async () => {
  const algo = parseAlgo({
    algoId: '7',
    algoClOrdId: 'mine',
    instId: 'BTC-USDT',
    side: 'sell',
    ordType: 'conditional',
    state: 'live',
    sz: '1',
    slTriggerPx: '90',
    slOrdPx: '-1',
    cTime: '1000',
  })
  const tracker = new OrderTracker(() => undefined)
  tracker.note(algo)
  const client = {
    algo: async () => ({ ...algo, state: 'effective', childIds: ['11'], updatedAt: 1_001 }),
    order: async () => undefined,
  } as unknown as TradingClient
  const orders = tracker.live()
  expect(await lookForMissing(client, tracker, orders, { isAll: false, now: 2_000 })).toEqual(orders)
})

test('a stop that is not to be seen after a break is missing until it is', async () => {
  const algo = parseAlgo({
    algoId: '7',
    algoClOrdId: 'mine',
    instId: 'BTC-USDT',
    side: 'sell',
    ordType: 'conditional',
    state: 'live',
    sz: '1',
    slTriggerPx: '90',
    slOrdPx: '-1',
    cTime: '1000',
  })
  const tracker = new OrderTracker(() => undefined)
  tracker.note(algo)
  const nobody = async () => undefined
  const client = { algo: nobody, order: nobody, openOrders: async () => [], openAlgos: async () => [] }
  const orders = tracker.live()
  expect(
    await lookForMissing(client as unknown as TradingClient, tracker, orders, { isAll: true, now: 2_000 }),
  ).toEqual(orders)
  const seen = { ...client, algo: async () => ({ ...algo, state: 'canceled', updatedAt: 1_001 }) }
  expect(await lookForMissing(seen as unknown as TradingClient, tracker, orders, { isAll: true, now: 2_000 })).toEqual(
    [],
  )
  expect(tracker.live()).toEqual([])
})

test('what an order for an amount of money has filled is known when its executions are days old', async () => {
  const { clock } = hurriedLine()
  let days = 0
  const account = await openLive({}, { clock: { ...clock, now: () => clock.now() + days * 86_400_000 } })
  const id = await account.place({ type: 'market', quantity: '1000', sizedIn: 'quote' })
  await until(() => filled(account, id) > 0, 'filled')
  await account.broker.settled()
  const told = await account.broker.order(id)
  days = 4
  const again = await account.reopen()
  expect(await again.broker.order(id)).toEqual(told)
})

test('what an order for an amount of money has filled is not forgotten while the list of executions is behind', async () => {
  const account = await openLive()
  const id = await account.place({ type: 'market', quantity: '1000', sizedIn: 'quote' })
  await until(() => filled(account, id) > 0, 'filled')
  account.fake.fail({ kind: 'hidden', on: 'GET /api/v5/trade/fills' })
  const seen = await account.broker.order(id)
  expect(Number(seen?.filledQuantity)).toBeGreaterThan(999)
})

describe('an order that OKX has forgotten', () => {
  const cancelled = { state: 'canceled', clOrdId: '' } as const

  /** The account after three hours without a stream, in which its order was cancelled by somebody. */
  const afterLongBreak = async (executed: boolean) => {
    const { clock, transport } = hurriedLine()
    let hours = 0
    const account = await openLive({ transport }, { clock: { ...clock, now: () => clock.now() + hours * 3_600_000 } })
    const { fake, broker, place, words } = account
    const id = await place({ limitPrice: '49000' })
    await broker.settled()
    fake.conditions.loseUpdates = true
    if (executed) await fake.market.trade('BTC-USDT', '48990', '0.04')
    await somebody(account).cancelMany([parseOrder({ ...fake.orders()[0], ...cancelled })])
    await until(() => fake.orders()[0]?.['state'] === 'canceled', 'it is cancelled')
    hours = 3
    await broker.time()
    fake.conditions.loseUpdates = false
    fake.cutStreams('updates')
    await until(() => words(id).includes('canceled'), 'its end is told')
    await broker.settled()
    return { ...account, id }
  }

  test('was cancelled: that is told once, and it is not asked for again', async () => {
    const { broker, words, id, asked } = await afterLongBreak(false)
    expect(words(id)).toEqual(['accepted', 'canceled'])
    expect(await broker.order(id)).toMatchObject({ status: 'canceled', filledQuantity: '0' })
    const before = asked('GET trade/order')
    await broker.settled()
    expect(asked('GET trade/order')).toBe(before)
  })

  test('has its executions first, where it had any', async () => {
    const { words, id } = await afterLongBreak(true)
    expect(words(id)).toEqual(['accepted', 'filled', 'canceled'])
  })

  const young = parseOrder({
    ordId: '11',
    clOrdId: 'mine',
    instId: 'BTC-USDT',
    side: 'buy',
    ordType: 'limit',
    state: 'live',
    sz: '1',
    px: '90',
    cTime: '1000',
    uTime: '1000',
  })
  const [nobody, none] = [async () => undefined, async () => []]
  const later = { isAll: false, now: 1_000 + 3 * 3_600_000 }
  const looked = async (client: object, options = later): Promise<readonly string[]> => {
    const events: BrokerEvent[] = []
    const tracker = new OrderTracker((event) => events.push(event))
    tracker.note(young)
    const found = { order: nobody, openOrders: none, openAlgos: none, fillsOf: none, ...client }
    const missing = await lookForMissing(found as unknown as TradingClient, tracker, tracker.live(), options)
    return [...events.map(({ type }) => type), ...missing.map(() => 'missing')]
  }

  test('is missing as long as it is younger than what OKX forgets, or rests', async () => {
    expect(await looked({})).toEqual(['accepted', 'canceled'])
    expect(await looked({}, { isAll: false, now: 1_000 + 7_200_000 })).toEqual(['accepted', 'missing'])
    expect(await looked({ openOrders: async () => [young] })).toEqual(['accepted', 'missing'])
  })

  test('is what a stop has become: the stop has ended with it', async () => {
    const algo = parseAlgo({
      algoId: '7',
      algoClOrdId: 'mine',
      instId: 'BTC-USDT',
      side: 'sell',
      ordType: 'conditional',
      state: 'effective',
      sz: '4',
      slTriggerPx: '90',
      slOrdPx: '-1',
      ordId: '12',
      cTime: '1000',
      uTime: '1000',
    })
    const events: BrokerEvent[] = []
    const tracker = new OrderTracker((event) => events.push(event))
    tracker.note(algo)
    const client = { algo: async () => algo, order: nobody, openOrders: none, openAlgos: none, fillsOf: none }
    const venue = client as unknown as TradingClient
    expect(await lookForMissing(venue, tracker, tracker.live(), { isAll: false, now: 2_000 })).toHaveLength(1)
    expect(await lookForMissing(venue, tracker, tracker.live(), later)).toEqual([])
    expect(events.map(({ type }) => type)).toEqual(['accepted', 'triggered', 'canceled'])
  })

  test('with an execution is told of that, and is kept for three months', async () => {
    const fill = {
      ordId: '11',
      tradeId: 't1',
      instId: 'BTC-USDT',
      fillPx: '90',
      fillSz: '0.4',
      fee: '0',
      feeCcy: 'BTC',
    }
    const fillsOf = async () => [parseFill({ ...fill, side: 'buy', ts: '1001' })]
    expect(await looked({ fillsOf })).toEqual(['accepted', 'missing'])
    const past = { isAll: false, now: 1_000 + 100 * 86_400_000 }
    expect(await looked({ fillsOf }, past)).toEqual(['accepted', 'filled', 'canceled'])
  })
})

describe('a stop that OKX made two orders of', () => {
  const of = { instId: 'BTC-USDT', side: 'sell', cTime: '1000', uTime: '1001' }
  const algo = parseAlgo({
    ...of,
    algoId: '7',
    algoClOrdId: 'mine',
    ordType: 'conditional',
    state: 'effective',
    sz: '4',
    slTriggerPx: '90',
    slOrdPx: '-1',
    ordId: '12',
    ordIdList: ['11', '12'],
  })
  const childOf = (ordId: string, sz: string) =>
    parseOrder({ ...of, ordId, algoId: '7', ordType: 'market', state: 'filled', sz, accFillSz: sz })
  const fillOf = (ordId: string, fillSz: string) =>
    parseFill({ ...of, ordId, tradeId: `t${ordId}`, fillPx: '90', fillSz, fee: '0', feeCcy: 'USDT', ts: '1001' })
  const children = [childOf('11', '3'), childOf('12', '1')]
  const venue = (hidden = '') =>
    ({
      algo: async () => algo,
      algoByClientId: async () => algo,
      orderByClientId: async () => undefined,
      order: async (_: string, id: string) => children.find((child) => child.id === id && id !== hidden),
      fillsOf: async ({ id }: OkxOrder) =>
        children.flatMap((child) => (child.id === id ? fillOf(id, child.quantity) : [])),
    }) as unknown as TradingClient

  test('has the executions of both', async () => {
    const events: BrokerEvent[] = []
    const tracker = new OrderTracker((event) => events.push(event))
    tracker.note({ ...algo, state: 'live', childIds: [] })
    expect(await lookForMissing(venue(), tracker, tracker.live(), { isAll: false, now: 2_000 })).toEqual([])
    expect(events.map(({ type }) => type)).toEqual(['accepted', 'triggered', 'filled', 'filled'])
    expect(tracker.live()).toEqual([])
  })

  test('is found with what both have filled, and is open while one cannot be seen', async () => {
    const find = (client: TradingClient) =>
      new OrderFinder(client, new OrderTracker(() => undefined), ['BTC-USDT']).view('mine')
    expect(await find(venue())).toMatchObject({ status: 'filled', quantity: '4', filledQuantity: '4' })
    expect(await find(venue('12'))).toMatchObject({ status: 'open', filledQuantity: '3' })
    expect(await find(venue('11'))).toMatchObject({ status: 'open', filledQuantity: '1' })
  })
})

describe('an order that nobody here knows, of no known instrument', () => {
  const rowOf = (index: number) => ({
    instId: 'BTC-USDT',
    instType: 'SPOT',
    ordId: String(100_000 - index),
    clOrdId: `o${index}`,
    side: 'sell',
    ordType: 'limit',
    state: 'filled',
    sz: '1',
    accFillSz: '1',
    cTime: '1000',
  })
  const finderOf = (ended: number) => {
    const rows = Array.from({ length: ended }, (_, index) => rowOf(index))
    const send = async ({ path, query }: RestRequest): Promise<readonly unknown[]> => {
      if (!path.endsWith('orders-history') || query?.['instType'] !== 'SPOT') return []
      const from = query['after'] === undefined ? 0 : rows.findIndex(({ ordId }) => ordId === query['after']) + 1
      return rows.slice(from, from + 100)
    }
    const client = new TradingClient({ send } as unknown as RestClient)
    return new OrderFinder(client, new OrderTracker(() => undefined), undefined)
  }

  test('is found among thousands that have ended, and is known not to be there when all were looked through', async () => {
    expect(await finderOf(2_500).view('o2400')).toMatchObject({ clientOrderId: 'o2400', status: 'filled' })
    expect(await finderOf(2_500).view('never')).toBeUndefined()
  })

  test('is not said to be unknown while there are more', async () => {
    const finder = finderOf(10_001)
    expect(await finder.view('o9999')).toMatchObject({ clientOrderId: 'o9999' })
    await expect(finder.view('o10000')).rejects.toMatchObject({ code: 'BROKER_LOOK_UP_INCOMPLETE' })
    expect(await finder.see('o10000', 'cancel')).toBeUndefined()
  })
})
