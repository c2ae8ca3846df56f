import type { MarketEvent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { createDailyMarket } from './daily-market.js'
import { createManualFeed } from './manual-feed.js'
import { createOpenGuard } from './open-guard.js'

test('a session is announced, opened, finished and closed, with the clock at each event', async () => {
  const feed = createManualFeed()
  const market = createDailyMarket(feed)
  const seen: [string, number][] = []
  feed.subscribe((event: MarketEvent) => {
    seen.push([event.type === 'session' ? event.phase : event.type, event.time])
    expect(feed.clock.now()).toBe(event.time)
  })
  await market.session({ BBB: ['5', '6', '4', '5'], AAA: ['1', '2', '1', '2'] })
  expect(market.date).toBe('2024-01-02')
  expect(seen).toEqual([
    ['pre-open', market.openTime - 900_000],
    ...['open', 'open', 'open'].map((phase) => [phase, market.openTime]),
    ...['bar', 'bar', 'close'].map((phase) => [phase, market.closeTime]),
  ])
})

test('sessions skip weekends', async () => {
  const market = createDailyMarket(createManualFeed())
  for (let session = 0; session < 5; session += 1) await market.preOpen()
  expect(market.date).toBe('2024-01-08')
})

test('the open guard remembers what it was asked and refuses when told', () => {
  const guard = createOpenGuard()
  const order = guard.permit({
    account: 'a',
    clientOrderId: 'one',
    symbol: 'AAA',
    side: 'buy',
    type: 'market',
    quantity: '1',
    timeInForce: 'day',
    reduceOnly: false,
  })
  guard.consume(order)
  guard.refuse('PERMIT_EXPIRED')
  expect(() => guard.consume(order)).toThrow(expect.objectContaining({ code: 'PERMIT_EXPIRED' }))
  expect(guard.consumed.map((request) => request.clientOrderId)).toEqual(['one', 'one'])
})
