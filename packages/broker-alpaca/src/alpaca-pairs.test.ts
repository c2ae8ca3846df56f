import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import { createManualFeed, createOpenGuard } from '@tradeswarm/testing'
import type { FakeFault } from '@tradeswarm/testing/fakes'
import type { BrokerEvent, OrderRequest } from '@tradeswarm/trading'
import { afterEach, describe, expect, it } from 'vitest'
import type { AlpacaBroker } from './alpaca-broker.js'
import { createAlpacaBroker } from './create-alpaca-broker.js'
import { stopAll, stopLater } from './fake-account.test-support.js'
import { hurriedLine, type LiveAccount, market, openLive, until } from './live-account.test-support.js'

afterEach(stopAll)

const pair: Partial<OrderRequest> = { side: 'sell', type: 'oco', limitPrice: '110', stopPrice: '95', reduceOnly: true }

/** Holds ten, and places a pair of exits for them. */
async function holdTen(account: LiveAccount, fields: Partial<OrderRequest> = {}): Promise<string> {
  await account.place(market)
  return account.place({ ...pair, ...fields })
}

/** Another life of the account, on the same venue. */
async function openAgain(
  { fake }: LiveAccount,
  transport = hurriedLine().transport,
): Promise<readonly [AlpacaBroker, BrokerEvent[]]> {
  const broker = await createAlpacaBroker({
    keyId: fake.keyId,
    secret: fake.secret,
    symbols: ['AAPL'],
    urls: { trading: fake.url },
    requestsPerMinute: 100_000,
    transport,
  }).open({
    clock: { now: () => fake.market.now() },
    ids: createSequentialIds(),
    random: createSeededRandom(8),
    logger: createSilentLogger(),
    feed: createManualFeed(),
    guard: createOpenGuard(),
  })
  stopLater(() => broker.close())
  const events: BrokerEvent[] = []
  broker.subscribe((event) => void events.push(event))
  return [broker, events]
}

const landed: readonly FakeFault[] = [
  { kind: 'cut', when: 'after', on: 'POST /v2/orders' },
  { kind: 'status', status: 504, when: 'after', on: 'POST /v2/orders' },
  { kind: 'slow-body', delayMs: 60_000, on: 'POST /v2/orders' },
]

describe('a pair', () => {
  it.each(landed)('whose answer is lost is found by its client order id, with its stop: $kind', async (fault) => {
    const account = await openLive()
    const { fake, broker, words, asked, events } = account
    await account.place(market)
    fake.fail(fault)
    const id = await account.place(pair)
    expect(asked('POST /v2/orders')).toBe(2)
    expect(await broker.openOrders()).toMatchObject([{ clientOrderId: id, quantity: '10' }])
    await fake.market.quote('AAPL', '94.9', '95.1')
    await until(() => words(id).includes('filled'), 'the stop has filled')
    expect(words(id)).toEqual(['accepted', 'triggered', 'filled'])
    expect(new Set(events.map(({ clientOrderId }) => clientOrderId)).size).toBe(2)
  })

  it('that is not to be found stays unknown, and nothing is told under a name of the venue’s', async () => {
    const account = await openLive()
    await account.place(market)
    account.fake.fail({ kind: 'cut', on: 'POST /v2/orders' })
    await expect(account.place(pair)).rejects.toMatchObject({ code: 'ORDER_OUTCOME_UNKNOWN' })
    expect(account.events.filter(({ clientOrderId }) => clientOrderId !== 'order1')).toEqual([])
  })

  it('is told once, however often and in whatever order messages come', async () => {
    const account = await openLive()
    const { fake, words } = account
    Object.assign(fake.conditions, { duplicateUpdates: true, shuffleUpdates: true })
    const id = await holdTen(account)
    await fake.market.quote('AAPL', '110.1', '110.3', { bidSize: '4', askSize: '100' })
    await fake.market.quote('AAPL', '94.9', '95.1')
    fake.flushUpdates()
    await until(() => words(id).filter((word) => word === 'filled').length === 2, 'both legs have filled')
    await account.broker.settled()
    expect(words(id).toSorted()).toEqual(['accepted', 'filled', 'filled', 'triggered'])
    expect(await account.broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
  })

  it('of which the stream lost everything is told from look-ups and the account’s activities', async () => {
    const account = await openLive()
    const { fake, words } = account
    const id = await holdTen(account)
    fake.conditions.loseUpdates = true
    await fake.market.quote('AAPL', '94.9', '95.1')
    fake.conditions.loseUpdates = false
    fake.cutStreams('updates')
    await until(() => words(id).includes('filled'), 'the stop was fetched')
    expect(words(id)).toEqual(['accepted', 'triggered', 'filled'])
  })

  it('that another life of the account has placed is one order there, too, and so is what its stop does', async () => {
    const account = await openLive()
    const { fake } = account
    const id = await holdTen(account)
    await fake.market.quote('AAPL', '110.1', '110.3', { bidSize: '4', askSize: '100' })
    await account.broker.settled()
    await account.broker.close()
    const [broker, events] = await openAgain(account)
    const held = { clientOrderId: id, status: 'open', quantity: '10', filledQuantity: '4' }
    expect(await broker.openOrders()).toMatchObject([held])
    await fake.market.quote('AAPL', '94.9', '95.1')
    await until(() => events.length >= 2, 'the stop has filled')
    await broker.settled()
    expect(events).toMatchObject([
      { type: 'triggered', clientOrderId: id },
      { type: 'filled', clientOrderId: id, execution: { quantity: '6', price: '94.9' } },
    ])
    expect(await broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
  })

  it('that has ended while nobody was there: its executions are listed under it', async () => {
    const account = await openLive()
    const { fake } = account
    const since = fake.market.now()
    const id = await holdTen(account)
    await account.broker.close()
    await fake.market.quote('AAPL', '94.9', '95.1')
    const [broker, events] = await openAgain(account)
    const listed = await broker.executions(since)
    expect(listed.map(({ clientOrderId, execution }) => [clientOrderId, execution.quantity])).toEqual([
      ['order1', '10'],
      [id, '10'],
    ])
    expect(await broker.order(id)).toMatchObject({ status: 'filled', filledQuantity: '10' })
    expect([await broker.openOrders(), events]).toEqual([[], []])
  })

  it('whose target is not to be seen yet is not told under the name of its stop', async () => {
    const account = await openLive()
    const id = await holdTen(account)
    await account.broker.close()
    await account.fake.market.quote('AAPL', '94.9', '95.1')
    const { transport } = hurriedLine()
    let isBehind = true
    const fetch: typeof transport.fetch = async (url, init) =>
      isBehind && url.includes('nested=true') && url.includes('status=all')
        ? { status: 200, headers: new Headers(), text: async () => '[]' }
        : transport.fetch(url, init)
    const [broker] = await openAgain(account, { ...transport, fetch })
    await expect(broker.executions(0)).rejects.toMatchObject({ code: 'BROKER_ORDER_UNSEEN' })
    isBehind = false
    expect((await broker.executions(0)).at(-1)).toMatchObject({ clientOrderId: id })
  })

  it('is cancelled by another life of the account', async () => {
    const account = await openLive()
    const id = await holdTen(account)
    await account.broker.close()
    const [broker, events] = await openAgain(account)
    await broker.cancel(id)
    await until(() => events.length > 0, 'it was cancelled')
    expect(events).toMatchObject([{ type: 'canceled', clientOrderId: id }])
    expect(await broker.openOrders()).toEqual([])
  })

  it.each([
    ['of crypto', { symbol: 'BTC-USD' }, 'UNSUPPORTED_ORDER_TYPE'],
    ['that has to trade at once', { timeInForce: 'ioc' }, 'UNSUPPORTED_TIME_IN_FORCE'],
    ['with its target on the wrong side', { limitPrice: '94' }, 'INVALID_ORDER'],
    ['of a fraction', { quantity: '1.5', timeInForce: 'day' }, 'INVALID_ORDER'],
  ] as const)('%s is refused with a code', async (_, fields, code) => {
    const account = await openLive()
    const id = await holdTen(account, fields)
    expect(account.events.find(({ clientOrderId }) => clientOrderId === id)).toMatchObject({ type: 'rejected', code })
  })

  it('is not amended, and says so', async () => {
    const account = await openLive()
    const id = await holdTen(account)
    const moved = account.request({ ...pair, stopPrice: '96' })
    await account.broker.replace(id, createOpenGuard().permit(moved))
    expect(account.events.at(-1)).toMatchObject({ type: 'replace-rejected', code: 'ORDER_NOT_AMENDABLE' })
  })

  it('is offered for whole shares alone', async () => {
    const account = await openLive({ fractionalShares: true })
    const typesOf = (symbol: string) => account.broker.instrument(symbol)?.orderTypes
    expect([typesOf('BTC-USD')?.includes('oco'), typesOf('AAPL')?.includes('oco')]).toEqual([false, false])
    const whole = await openLive()
    expect(whole.broker.instrument('AAPL')?.orderTypes).toBeUndefined()
  })
})
