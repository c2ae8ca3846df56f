import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import { benchInstruments, createManualFeed, createOpenGuard } from '@tradeswarm/testing'
import type { BrokerEvent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { createPaperBroker } from './create-paper-broker.js'

/** Tuesday, 2 January 2024: the exchange is open from 14:30 to 21:00 UTC. */
const hour = (time: number): number => Date.UTC(2024, 0, 2) + time * 3_600_000

/** An account on a feed of quotes and trades that tells of no session, where the market trades by its own calendar or day and night. */
async function open(calendar: 'us-equity' | 'always-open' = 'us-equity') {
  const feed = createManualFeed()
  const guard = createOpenGuard()
  const instruments = benchInstruments.map((instrument) => ({ ...instrument, calendar }))
  const broker = await createPaperBroker({ instruments, cash: { USD: '10000' } }).open({
    clock: feed.clock,
    ids: createSequentialIds(),
    random: createSeededRandom(1),
    logger: createSilentLogger(),
    feed,
    guard,
  })
  const seen: BrokerEvent[] = []
  broker.subscribe((event) => void seen.push(event))
  const quote = (time: number): Promise<void> =>
    feed.emit({ type: 'quote', symbol: 'AAA', time, bid: '99.9', ask: '100.1' })
  const trade = (time: number): Promise<void> =>
    feed.emit({ type: 'trade', symbol: 'AAA', time, price: '100', quantity: '500' })
  const place = (): Promise<void> =>
    broker.place(
      guard.permit({
        account: 'paper',
        clientOrderId: 'a',
        symbol: 'AAA',
        side: 'buy',
        type: 'market',
        quantity: '1',
        timeInForce: 'gtc',
        reduceOnly: false,
      }),
    )
  return { quote, trade, place, words: () => seen.map(({ type }) => type) }
}

test.each([
  ['before the open', hour(14.49)],
  ['at night', hour(3)],
  ['from the close on', hour(21)],
  ['on a holiday', Date.UTC(2024, 0, 1, 16)],
])('%s a feed without sessions fills nothing of what the exchange trades', async (_, time) => {
  const { quote, trade, place, words } = await open()
  await quote(time)
  await place()
  await trade(time + 1)
  await quote(time + 2)
  expect(words()).toEqual(['accepted'])
})

test('what rests overnight is filled by the first quote of the session', async () => {
  const { quote, place, words } = await open()
  await quote(hour(3))
  await place()
  await quote(hour(14.5))
  expect(words()).toEqual(['accepted', 'filled'])
})

test('what trades day and night is filled day and night', async () => {
  const { quote, place, words } = await open('always-open')
  await quote(hour(3))
  await place()
  expect(words()).toEqual(['accepted', 'filled'])
})
