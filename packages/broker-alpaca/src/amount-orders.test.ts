import { afterEach, describe, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { market, openLive, until } from './live-account.test-support.js'

afterEach(stopAll)

const amount = { ...market, sizedIn: 'quote' } as const
const inFractions = { fractionalShares: true } as const

describe('an order for an amount of dollars', () => {
  it('goes out as notional, fills in parts of a share, and ends with what is left of the amount', async () => {
    const { fake, broker, place, words, events } = await openLive(inFractions)
    const id = await place({ ...amount, quantity: '250.5' })
    await until(() => words(id).includes('canceled'), 'the order has ended')
    expect(fake.requests.find(({ method }) => method === 'POST')?.body).not.toHaveProperty('qty')
    expect(fake.orders()).toMatchObject([{ notional: '250.5', qty: null, status: 'filled', filled_qty: '2.502497502' }])
    expect(words(id)).toEqual(['accepted', 'filled', 'canceled'])
    expect(events.find(({ type }) => type === 'filled')).toMatchObject({ execution: { quantity: '2.502497502' } })
    expect(await broker.order(id)).toMatchObject({ quantity: '250.5', filledQuantity: '250.4999999502' })
  })

  it('leaves parts of a share, whose exits go for the day: Alpaca has no others', async () => {
    const { fake, place, words } = await openLive(inFractions)
    const id = await place({ ...amount, quantity: '250.5' })
    await until(() => words(id).includes('canceled'), 'the order has ended')
    const exit = { side: 'sell', type: 'stop', stopPrice: '95', timeInForce: 'gtc', reduceOnly: true } as const
    expect(words(await place({ ...exit, quantity: '0.502497502' }))).toEqual(['accepted'])
    expect(words(await place({ ...exit, quantity: '2' }))).toEqual(['accepted'])
    expect(fake.orders().map((order) => order['time_in_force'])).toEqual(['day', 'day', 'gtc'])
  })

  it('that comes out whole is filled, and nothing else is told', async () => {
    const { fake, place, words } = await openLive(inFractions)
    const id = await place({ ...amount, quantity: '200.2' })
    await until(() => fake.orders()[0]?.['status'] === 'filled', 'filled')
    await until(() => words(id).includes('filled'), 'told')
    expect(words(id)).toEqual(['accepted', 'filled'])
  })

  it('counts what it has filled when the connection was down', async () => {
    const { fake, broker, place, words } = await openLive(inFractions)
    fake.conditions.loseUpdates = true
    const id = await place({ ...amount, quantity: '250.5' })
    fake.conditions.loseUpdates = false
    fake.cutStreams('updates')
    await until(() => words(id).includes('canceled'), 'the gap was filled')
    expect(words(id)).toEqual(['accepted', 'filled', 'canceled'])
    expect(await broker.openOrders()).toEqual([])
  })

  it('buys crypto until it is cancelled', async () => {
    const { fake, place, words } = await openLive()
    const id = await place({ symbol: 'BTC-USD', type: 'market', sizedIn: 'quote', quantity: '50010' })
    await until(() => words(id).includes('filled'), 'filled')
    expect(fake.orders()).toMatchObject([{ notional: '50010', filled_qty: '1', time_in_force: 'gtc' }])
  })

  it.each([
    [inFractions, { type: 'limit', limitPrice: '90' }, 'UNSUPPORTED_ORDER_TYPE', /use a market order/],
    [inFractions, { timeInForce: 'gtc' }, 'UNSUPPORTED_TIME_IN_FORCE', /day order/],
    [inFractions, { quantity: '100.001' }, 'QUANTITY_PRECISION', /whole cents/],
    [inFractions, { quantity: '0.5' }, 'NOTIONAL_BELOW_MINIMUM', /minimum/],
    [{}, {}, 'QUANTITY_PRECISION', /set fractionalShares/],
    [inFractions, { symbol: 'MSFT' }, 'QUANTITY_PRECISION', /check that MSFT is fractionable/],
  ] as const)('is refused with a reason: %o %o', async (options, fields, code, message) => {
    const assets = [{ symbol: 'AAPL' }, { symbol: 'MSFT', fractionable: false }, { symbol: 'BTC/USD' }]
    const { fake, place, events } = await openLive(options, { assets })
    await place({ ...amount, quantity: '100', ...fields })
    expect(events).toMatchObject([{ type: 'rejected', code, message: expect.stringMatching(message) }])
    expect(fake.orders()).toEqual([])
  })

  it('is not amended: Alpaca would not', async () => {
    const account = await openLive(inFractions)
    const { broker, guard, request } = account
    const id = await account.place({ ...amount, quantity: '250' })
    await broker.replace(id, guard.permit(request({ ...amount, quantity: '300' })))
    const code = 'ORDER_NOT_AMENDABLE'
    expect(account.events.at(-1)).toMatchObject({
      type: 'replace-rejected',
      code,
      message: expect.stringMatching(/cancel it/),
    })
  })
})
