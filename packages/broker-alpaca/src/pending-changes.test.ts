import { createSystemClock } from '@tradeswarm/core'
import type { FakeAlpacaOptions } from '@tradeswarm/testing/fakes'
import { zero } from '@tradeswarm/trading'
import { afterEach, describe, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { type LiveAccount, openLive, until } from './live-account.test-support.js'
import { OrderTracker } from './order-tracker.js'
import { type AlpacaOrder, parseOrder } from './parse-order.js'

afterEach(async () => {
  due = []
  await stopAll()
})

/** What the venue has answered, and carries out only when a test lets it. */
let due: (() => void | Promise<void>)[] = []
const machine = createSystemClock()
const slow: FakeAlpacaOptions = {
  cancelDelayMs: 60_000,
  replaceDelayMs: 60_000,
  clock: machine,
  timers: {
    at(when, callback) {
      if (when - machine.now() < 30_000) return machine.at(when, callback)
      due.push(callback)
      return () => undefined
    },
  },
}
const happen = async (): Promise<void> => {
  for (const act of due.splice(0)) await act()
}
const amend = async ({ broker, guard, request }: LiveAccount, id: string, clientOrderId: string): Promise<void> =>
  broker.replace(id, guard.permit({ ...request({ limitPrice: '91' }), clientOrderId }))

describe('while an amendment is under way', () => {
  it('it is not taken for done, nor is the order that waits told of as one that is open', async () => {
    const account = await openLive({}, slow)
    const { broker, place, words } = account
    const id = await place()
    await amend(account, id, 'next')
    expect(await broker.order('next')).toBeUndefined()
    expect(await broker.order(id)).toMatchObject({ status: 'open' })
    expect(await broker.openOrders()).toMatchObject([{ clientOrderId: id }])
    await happen()
    await until(() => words(id).includes('replaced'), 'it is replaced')
    expect(await broker.openOrders()).toMatchObject([{ clientOrderId: 'next' }])
    expect(words(id)).toEqual(['accepted', 'replaced'])
  })

  it.each([
    ['by its name', (account: LiveAccount, id: string) => account.broker.cancel(id)],
    ['with all', (account: LiveAccount) => account.broker.cancelAll()],
  ])('a cancel %s waits for it, and takes the order that came of it', async (_, cancel) => {
    const account = await openLive({ outcomeWaitsMs: [1, 5, 10, 20, 40, 80, 160, 320, 640] }, slow)
    const id = await account.place()
    await amend(account, id, 'next')
    const looks = account.asked('GET /v2/orders')
    const cancelling = cancel(account, id)
    await until(() => account.asked('GET /v2/orders') >= looks + 4, 'it is looked at')
    await happen()
    await cancelling
    await happen()
    await until(() => account.words('next').includes('canceled'), 'it is cancelled')
    expect(account.words(id)).toEqual(['accepted', 'replaced'])
    expect(account.words('next')).toEqual(['canceled'])
  })

  it('an order that fills keeps its fill, and the amendment is told as refused, once', async () => {
    const account = await openLive({}, slow)
    const { fake, place, words, events } = account
    const id = await place()
    await amend(account, id, 'next')
    await fake.market.quote('AAPL', '88', '89')
    await until(() => words(id).includes('filled'), 'it is filled')
    await happen()
    await until(() => words(id).includes('replace-rejected'), 'it is refused')
    await until(() => fake.unsent === 0 && fake.underWay === 0, 'all is said')
    await account.broker.settled()
    expect(words(id)).toEqual(['accepted', 'filled', 'replace-rejected'])
    expect(words('next')).toEqual([])
    expect(events.find(({ type }) => type === 'replace-rejected')).toMatchObject({ by: 'next' })
    expect(await account.broker.order('next')).toMatchObject({ status: 'rejected' })
  })

  it('a life that begins then takes up the order, and is told what becomes of the amendment', async () => {
    const first = await openLive({}, slow)
    const id = await first.place()
    await amend(first, id, 'next')
    await first.broker.close()
    const { fake } = first
    const again = await openLive({ urls: { trading: fake.url } })
    expect(await again.broker.openOrders()).toMatchObject([{ clientOrderId: id }])
    await fake.market.quote('AAPL', '88', '89')
    await happen()
    await until(() => again.words(id).includes('replace-rejected'), 'it is refused')
    expect(again.words(id)).toEqual(['filled', 'replace-rejected'])
  })
})

describe('while a cancel is under way', () => {
  it('a second one changes nothing, and both are one', async () => {
    const { broker, place, words } = await openLive({}, slow)
    const id = await place()
    await broker.cancel(id)
    expect(await broker.order(id)).toMatchObject({ status: 'open' })
    await broker.cancel(id)
    await happen()
    await until(() => words(id).includes('canceled'), 'it is cancelled')
    expect(words(id)).toEqual(['accepted', 'canceled'])
  })

  it('an order may fill, and then its cancel is told as refused', async () => {
    const { fake, broker, place, words } = await openLive({}, slow)
    const id = await place()
    await broker.cancel(id)
    await fake.market.quote('AAPL', '88', '89')
    await happen()
    await until(() => words(id).includes('cancel-rejected'), 'it is refused')
    expect(words(id)).toEqual(['accepted', 'filled', 'cancel-rejected'])
  })
})

describe('an amendment that Alpaca answered and then refused, in whichever words', () => {
  const json = {
    id: 'old',
    client_order_id: 'c1',
    symbol: 'AAPL',
    asset_class: 'us_equity',
    side: 'buy',
    type: 'limit',
    time_in_force: 'day',
    order_class: '',
    qty: '10',
    filled_qty: '0',
    submitted_at: '2026-03-02T15:00:00Z',
  }
  const order = (fields: object, second: number): AlpacaOrder =>
    parseOrder({ ...json, ...fields, updated_at: `2026-03-02T15:00:0${second}Z` })
  const filled = { status: 'filled', filled_qty: '10', filled_avg_price: '90' }
  const next = { id: 'new', client_order_id: 'c2', replaces: 'old' }
  const heard = {
    fill: { event: 'fill', price: '90', quantity: '10', order: order(filled, 3) },
    refused: { event: 'order_replace_rejected', price: undefined, quantity: undefined, order: order(filled, 3) },
    rejected: {
      event: 'rejected',
      price: undefined,
      quantity: undefined,
      order: order({ ...next, status: 'rejected' }, 4),
    },
  }

  it.each([
    [['fill', 'refused', 'rejected']],
    [['rejected', 'refused', 'fill']],
    [['fill', 'rejected']],
    [['rejected', 'fill']],
    [['refused', 'fill']],
  ] as const)('%o', (words) => {
    const told: string[] = []
    const tracker = new OrderTracker({
      emit: (event) => void told.push(`${event.clientOrderId} ${event.type}${'by' in event ? ` ${event.by}` : ''}`),
      fees: { maker: zero, taker: zero },
      idOfReplacement: () => 'c2',
    })
    tracker.note(order({ status: 'new' }, 1))
    tracker.note(order({ ...next, status: 'pending_new' }, 2))
    for (const word of words) tracker.hear({ ...heard[word], time: 5 })
    expect(told.toSorted()).toEqual(['c1 accepted', 'c1 filled', 'c1 replace-rejected c2'])
    expect(tracker.live()).toEqual([])
  })
})
