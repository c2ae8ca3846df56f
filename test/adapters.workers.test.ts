import { createAlpacaBroker, createAlpacaMarketData } from '@tradeswarm/broker-alpaca'
import { createOkxBroker, createOkxMarketData } from '@tradeswarm/broker-okx'
import { createSeededRandom, createSequentialIds, createSilentLogger, createSystemClock } from '@tradeswarm/core'
import type { Broker, BrokerDefinition, BrokerEvent, MarketDataFeed, PermittedOrder } from '@tradeswarm/trading'
import { expect, inject, test } from 'vitest'
import type {} from './doubles.setup.js'

const { alpaca, okx } = inject('doubles')
const [random, logger, clock] = [createSeededRandom(1), createSilentLogger(), createSystemClock()]

const adapters = {
  alpaca: {
    order: { symbol: 'AAPL', timeInForce: 'day', quantity: '1' },
    far: '100',
    account: createAlpacaBroker({
      keyId: alpaca['keyId'] ?? '',
      secret: alpaca['secret'] ?? '',
      symbols: ['AAPL'],
      urls: { trading: alpaca['url'] ?? '' },
    }),
    market: createAlpacaMarketData({
      keyId: alpaca['keyId'] ?? '',
      secret: alpaca['secret'] ?? '',
      symbols: ['AAPL'],
      urls: { data: alpaca['url'] ?? '' },
    }),
  },
  okx: {
    order: { symbol: 'BTC-USDT', timeInForce: 'gtc', quantity: '0.01' },
    far: '40000',
    account: createOkxBroker({
      key: okx['keyId'] ?? '',
      secret: okx['secret'] ?? '',
      passphrase: okx['passphrase'] ?? '',
      symbols: ['BTC-USDT'],
      urls: { rest: okx['url'] ?? '' },
    }),
    market: createOkxMarketData({ symbols: ['BTC-USDT'], urls: { rest: okx['url'] ?? '' } }),
  },
} as const

async function openAccount(definition: BrokerDefinition): Promise<Broker> {
  const feed: MarketDataFeed = { name: 'none', subscribe: () => () => undefined }
  const guard = { consume: () => undefined }
  return definition.open({ clock, random, logger, feed, guard, ids: createSequentialIds() })
}

/** Resolves when something was told that is waited for; a test that waits in vain runs out of its time. */
function told(broker: Broker, events: BrokerEvent[]): (type: BrokerEvent['type'], id: string) => Promise<void> {
  const waiting: (() => void)[] = []
  broker.subscribe((event) => {
    events.push(event)
    for (const look of waiting) look()
  })
  return (type, id) =>
    new Promise((resolve) => {
      const look = (): void => {
        if (events.some((event) => event.type === type && event.clientOrderId === id)) resolve()
      }
      waiting.push(look)
      look()
    })
}

test.each(['alpaca', 'okx'] as const)(
  'on workerd the adapter of %s trades over its HTTP and its WebSocket with a venue that is elsewhere',
  async (name) => {
    const { order, far, account } = adapters[name]
    const broker = await openAccount(account as BrokerDefinition)
    const events: BrokerEvent[] = []
    const has = told(broker, events)
    const place = (fields: object): Promise<void> =>
      broker.place({
        request: { account: name, side: 'buy', reduceOnly: false, ...order, ...fields },
      } as unknown as PermittedOrder)
    await place({ clientOrderId: `${name}now`, type: 'market' })
    await has('filled', `${name}now`)
    await place({ clientOrderId: `${name}later`, type: 'limit', limitPrice: far })
    await broker.cancel(`${name}later`)
    await has('canceled', `${name}later`)
    expect(events.map(({ type }) => type)).toEqual(['accepted', 'filled', 'accepted', 'canceled'])
    expect(await broker.openOrders()).toEqual([])
    expect(await broker.executions?.(0)).toHaveLength(1)
    await broker.close()
  },
)

test.each(['alpaca', 'okx'] as const)('on workerd the feed of %s tells what a venue elsewhere quotes', async (name) => {
  const feed = await adapters[name].market.open({ random, logger })
  await new Promise<void>((resolve) => {
    feed.subscribe(({ type }) => void (type === 'quote' && resolve()))
  })
  expect(feed.isUp).toBe(true)
  await feed.close()
})
