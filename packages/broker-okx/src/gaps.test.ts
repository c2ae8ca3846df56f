import { createSeededRandom } from '@tradeswarm/core'
import { afterEach, expect, test } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { hurriedLine, type LiveAccount, openLive, until } from './live-account.test-support.js'
import { lookForMissing } from './look-for-missing.js'
import { OrderTracker } from './order-tracker.js'
import { parseOkxOptions } from './parse-okx-options.js'
import { parseAlgo } from './parse-order.js'
import { RestClient } from './rest-client.js'
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
    algo: async () => ({ ...algo, state: 'effective', childId: '11', updatedAt: 1_001 }),
    order: async () => undefined,
  } as unknown as TradingClient
  const orders = tracker.live()
  expect(await lookForMissing(client, tracker, orders, false)).toEqual(orders)
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
