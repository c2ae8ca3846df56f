import { createSeededRandom } from '@tradeswarm/core'
import { createOpenGuard } from '@tradeswarm/testing'
import type { OrderRequest } from '@tradeswarm/trading'
import { afterEach, describe, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { type LiveAccount, market, openLive, until } from './live-account.test-support.js'
import { parseOkxOptions } from './parse-okx-options.js'
import { RestClient } from './rest-client.js'
import { TradingClient } from './trading-client.js'

afterEach(stopAll)

const guard = createOpenGuard()
const stop = { side: 'sell', type: 'stop', stopPrice: '45000', quantity: '0.09', reduceOnly: true } as const
const amendOrder = 'POST /api/v5/trade/amend-order'
const amendAlgos = 'POST /api/v5/trade/amend-algos'

/** Amends an order, and answers the request with the name of the amendment. */
async function amend(account: LiveAccount, id: string, fields: Partial<OrderRequest>): Promise<OrderRequest> {
  const request = account.request(fields)
  await account.broker.replace(id, guard.permit(request))
  return request
}

const replaced = (account: LiveAccount, id: string): Promise<void> =>
  until(() => account.words(id).includes('replaced'), 'replaced')

describe('an amendment', () => {
  it('names what it changes and nothing else, and keeps the order at the venue', async () => {
    const account = await openLive()
    const id = await account.place()
    const { clientOrderId: by } = await amend(account, id, { limitPrice: '46000' })
    await replaced(account, id)
    const sent = account.fake.requests.find(({ path }) => path === '/api/v5/trade/amend-order')
    expect(sent?.body).toEqual({ instId: 'BTC-USDT', ordId: expect.any(String), newPx: '46000', reqId: by })
    expect(account.fake.orders()).toMatchObject([{ clOrdId: id, px: '46000', state: 'live' }])
    expect(await account.broker.openOrders()).toMatchObject([{ clientOrderId: by, status: 'open' }])
    await account.fake.market.quote('BTC-USDT', '44000', '44010')
    await until(() => account.words(by).includes('filled'), 'filled')
    expect(await account.broker.executions(0)).toMatchObject([{ clientOrderId: by }])
  })

  it('that changes nothing is made without being asked for', async () => {
    const account = await openLive()
    const id = await account.place()
    const { clientOrderId: by } = await amend(account, id, { limitPrice: '45000.0', quantity: '0.10' })
    expect(account.words(id)).toEqual(['accepted', 'replaced'])
    expect(account.asked('POST trade/amend-order')).toBe(0)
    expect(await account.broker.order(by)).toMatchObject({ status: 'open' })
  })

  it('moves a stop and cuts it down, while it waits', async () => {
    const account = await openLive()
    await account.place(market)
    const id = await account.place(stop)
    const { clientOrderId: by } = await amend(account, id, { ...stop, stopPrice: '46000', quantity: '0.05' })
    await replaced(account, id)
    await account.fake.market.quote('BTC-USDT', '45500', '45510')
    await until(() => account.words(by).includes('filled'), 'filled')
    expect(account.words(by)).toEqual(['triggered', 'filled'])
    expect(await account.broker.order(by)).toMatchObject({ status: 'filled', filledQuantity: '0.05' })
    const late = await amend(account, by, { ...stop, stopPrice: '47000' })
    expect(account.events.at(-1)).toMatchObject({
      type: 'replace-rejected',
      by: late.clientOrderId,
      code: 'ORDER_NOT_OPEN',
    })
  })

  it('uses its permit when it leaves, not while its order is looked up', async () => {
    const account = await openLive()
    const { fake, broker, asked } = account
    fake.conditions.loseUpdates = true
    const { keyId: key, secret, passphrase, url: rest } = fake
    const { connection } = parseOkxOptions({ key, secret, passphrase, urls: { rest }, rateMultiplier: 1_000 })
    const client = new TradingClient(
      new RestClient(connection, createSeededRandom(1), { now: () => fake.market.now() }),
    )
    const terms = { instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', px: '45000', sz: '0.1' } as const
    await client.submit({ ...terms, clOrdId: 'theirs' }, fake.market.now() + 5_000)
    const amending = broker.replace('theirs', account.guard.permit(account.request({ limitPrice: '46000' })))
    // Trading is halted meanwhile.
    account.guard.refuse('TRADING_HALTED')
    await expect(amending).rejects.toMatchObject({ code: 'TRADING_HALTED' })
    expect(asked('POST trade/amend-order')).toBe(0)
  })

  it('of what OKX amends not at all is refused here', async () => {
    const account = await openLive()
    await account.place(market)
    const trailing = { side: 'sell', type: 'trailing-stop', trailAmount: '500', quantity: '0.05' } as const
    const id = await account.place(trailing)
    await amend(account, id, { ...trailing, quantity: '0.04' })
    expect(account.events.at(-1)).toMatchObject({ type: 'replace-rejected', code: 'ORDER_NOT_AMENDABLE' })
    expect(account.asked('POST trade/amend-algos')).toBe(0)
  })

  it.each([
    ['whose answer is lost', { kind: 'cut', when: 'after', on: amendOrder } as const],
    ['whose answer says nothing', { kind: 'code', code: '50004', status: 400, when: 'after', on: amendOrder } as const],
  ])('%s is known by the terms that the order has', async (_, fault) => {
    const account = await openLive()
    const id = await account.place()
    account.fake.fail(fault)
    const { clientOrderId: by } = await amend(account, id, { limitPrice: '46000' })
    expect(account.words(id)).toEqual(['accepted', 'replaced'])
    expect(await account.broker.order(by)).toMatchObject({ status: 'open' })
  })

  it('that is lost leaves the order as it was, and nobody guesses', async () => {
    const account = await openLive()
    const id = await account.place()
    account.fake.fail({ kind: 'cut', on: amendOrder })
    const request = account.request({ limitPrice: '46000' })
    await expect(account.broker.replace(id, guard.permit(request))).rejects.toMatchObject({
      code: 'ORDER_OUTCOME_UNKNOWN',
    })
    expect(account.asked('POST trade/amend-order')).toBe(1)
    expect(await account.broker.order(request.clientOrderId)).toBeUndefined()
    expect(await account.broker.order(id)).toMatchObject({ status: 'open' })
    // The next one goes the whole way.
    await amend(account, id, { limitPrice: '47000' })
    await replaced(account, id)
  })

  it('of a stop that is lost is unknown in the next life too, and may be asked for again', async () => {
    const account = await openLive({ outcomeWaitsMs: [1] })
    await account.place(market)
    const id = await account.place(stop)
    account.fake.fail({ kind: 'hang', on: amendAlgos })
    const moved = account.request({ ...stop, stopPrice: '46000' })
    await expect(account.broker.replace(id, guard.permit(moved))).rejects.toMatchObject({
      code: 'ORDER_OUTCOME_UNKNOWN',
    })
    account.fake.heal()
    const other = await account.reopen()
    other.broker.recall([{ symbol: 'BTC-USDT', names: [id], pending: moved }])
    expect(await other.broker.order(moved.clientOrderId)).toBeUndefined()
    const third = await other.reopen()
    await amend(third, id, { ...stop, stopPrice: '46000' })
    await replaced(third, id)
  })
})

describe('after a restart', () => {
  it('an order goes by the name of its last amendment', async () => {
    const account = await openLive()
    const id = await account.place()
    const { clientOrderId: by } = await amend(account, id, { limitPrice: '46000' })
    await replaced(account, id)
    const later = await account.reopen()
    later.broker.recall([{ symbol: 'BTC-USDT', names: [id, by] }])
    expect(await later.broker.openOrders()).toMatchObject([{ clientOrderId: by }])
    expect(await later.broker.order(id)).toMatchObject({ status: 'replaced' })
    await later.broker.cancel(id)
    await until(() => later.words(by).includes('canceled'), 'canceled')
    // One that ends while nobody looks is found by its first name.
    const last = await later.reopen()
    last.broker.recall([{ symbol: 'BTC-USDT', names: [id, by] }])
    expect(await last.broker.order(by)).toMatchObject({ clientOrderId: by, status: 'canceled' })
    expect(await last.broker.order(id)).toMatchObject({ status: 'replaced' })
  })

  it('an amendment of before that was made is told, and one that was not is unknown', async () => {
    const account = await openLive()
    const [first, second] = [await account.place(), await account.place({ limitPrice: '44000' })]
    const made = await amend(account, first, { limitPrice: '46000' })
    await replaced(account, first)
    const lost = account.request({ limitPrice: '43000' })
    const later = await account.reopen()
    later.broker.recall([
      { symbol: 'BTC-USDT', names: [first], pending: made },
      { symbol: 'BTC-USDT', names: [second], pending: lost },
    ])
    await until(() => later.words(first).includes('replaced'), 'replaced')
    expect(later.words(first)).toEqual(['replaced'])
    expect(await later.broker.order(made.clientOrderId)).toMatchObject({ status: 'open' })
    expect(await later.broker.order(lost.clientOrderId)).toBeUndefined()
    expect(await later.broker.order(second)).toMatchObject({ status: 'open' })
  })
})
