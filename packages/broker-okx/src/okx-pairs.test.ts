import type { FakeOkxFault } from '@tradeswarm/testing/fakes'
import type { OrderRequest } from '@tradeswarm/trading'
import { afterEach, describe, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { type LiveAccount, market, openLive, until } from './live-account.test-support.js'
import { mapOrder } from './map-order.js'

afterEach(stopAll)

const pair: Partial<OrderRequest> = {
  side: 'sell',
  type: 'oco',
  limitPrice: '55000',
  stopPrice: '45000',
  quantity: '0.05',
  reduceOnly: true,
}

/** Holds coins, and places a pair of exits for some of them. */
async function hold(account: LiveAccount, fields: Partial<OrderRequest> = {}): Promise<string> {
  await account.place(market)
  return account.place({ ...pair, ...fields })
}

const placing = 'POST /api/v5/trade/order-algo'
const landed: readonly FakeOkxFault[] = [
  { kind: 'cut', when: 'after', on: placing },
  { kind: 'code', code: '50004', status: 400, when: 'after', on: placing },
]

describe('a pair', () => {
  it('is one algo order that leaves at the market, whichever of its levels is reached', async () => {
    const account = await openLive()
    const { fake, broker, words, events } = account
    const id = await hold(account)
    expect(
      mapOrder({ ...account.request(pair), clientOrderId: id }, { isSwap: false, tdMode: 'cash', now: 0 }),
    ).toMatchObject({
      kind: 'algo',
      wire: {
        ordType: 'oco',
        algoClOrdId: id,
        tpTriggerPx: '55000',
        tpOrdPx: '-1',
        slTriggerPx: '45000',
        slOrdPx: '-1',
      },
    })
    expect(await broker.openOrders()).toMatchObject([{ clientOrderId: id, quantity: '0.05', filledQuantity: '0' }])
    await fake.market.quote('BTC-USDT', '55010', '55020')
    await until(() => words(id).includes('filled'), 'the target was left at')
    expect(words(id)).toEqual(['accepted', 'triggered', 'filled'])
    expect(events.at(-1)).toMatchObject({ execution: { price: '55010', quantity: '0.05' } })
    expect(await broker.openOrders()).toEqual([])
  })

  it.each(landed)('whose answer is lost is found by its client order id, and not sent again: $kind', async (fault) => {
    const account = await openLive()
    const { fake, asked, words } = account
    await account.place(market)
    fake.fail(fault)
    const id = await account.place(pair)
    expect(words(id)).toEqual(['accepted'])
    expect(asked('POST trade/order-algo')).toBe(1)
    await fake.market.quote('BTC-USDT', '44990', '45000')
    await until(() => words(id).includes('filled'), 'the stop has filled')
  })

  it('that another life of the account has placed is one order there, too', async () => {
    const account = await openLive()
    const id = await hold(account)
    const again = await account.reopen()
    expect(await again.broker.openOrders()).toMatchObject([{ clientOrderId: id, status: 'open' }])
    await account.fake.market.quote('BTC-USDT', '44990', '45000')
    await until(() => again.words(id).includes('filled'), 'the stop has filled')
    expect(again.words(id)).toEqual(['triggered', 'filled'])
    expect(await again.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '0.05' })
  })

  it('that has ended while nobody was there is found with its executions', async () => {
    const account = await openLive()
    const id = await hold(account)
    const { fake } = account
    await account.broker.close()
    await fake.market.quote('BTC-USDT', '55010', '55020')
    const again = await account.reopen()
    const listed = (await again.broker.executions(0)).filter(({ clientOrderId }) => clientOrderId === id)
    expect(listed.map(({ execution }) => [execution.price, execution.quantity])).toEqual([['55010', '0.05']])
    expect(await again.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '0.05' })
  })

  it.each([
    ['its stop', { stopPrice: '51000' }],
    ['its target', { limitPrice: '49000' }],
  ])('that comes when the market has passed %s already leaves at once', async (_, fields) => {
    const account = await openLive()
    const { fake, words } = account
    const id = await hold(account, fields)
    await until(() => words(id).includes('filled'), 'filled')
    expect(words(id)).toEqual(['accepted', 'triggered', 'filled'])
    expect(fake.orders().at(-1)).toMatchObject({ ordType: 'market', clOrdId: id })
  })

  it('is cancelled whole', async () => {
    const account = await openLive()
    const { fake, broker, words } = account
    const id = await hold(account)
    await broker.cancel(id)
    await until(() => words(id).includes('canceled'), 'canceled')
    await fake.market.quote('BTC-USDT', '55010', '55020')
    await broker.settled()
    expect(words(id)).toEqual(['accepted', 'canceled'])
  })

  it.each([
    ['with its target on the wrong side', { limitPrice: '44000' }, 'INVALID_ORDER'],
    ['that has to trade at once', { timeInForce: 'ioc' }, 'INVALID_ORDER'],
  ] as const)('%s is refused with a code', async (_, fields, code) => {
    const account = await openLive()
    const id = await hold(account, fields)
    expect(account.events.find(({ clientOrderId }) => clientOrderId === id)).toMatchObject({ type: 'rejected', code })
  })
})
