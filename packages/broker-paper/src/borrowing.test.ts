import { createSeededRandom, createSequentialIds, createSilentLogger } from '@tradeswarm/core'
import { benchInstruments, createDailyMarket, createManualFeed } from '@tradeswarm/testing'
import { createTradingKernel, type KernelEvent, tradingCalendar, type VenueMovement } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { createPaperBroker } from './create-paper-broker.js'
import { openPaper } from './open-paper.test-support.js'

const borrow = { annualRate: '0.365' }

test('the cost of borrowing is told as it is taken, and again to whoever asks what was moved', async () => {
  const bench = await openPaper({ allowShorts: true, borrow })
  const told: VenueMovement[] = []
  bench.broker.subscribeMovements?.((movement) => void told.push(movement))
  await bench.place({ side: 'sell', quantity: '10' })
  for (let day = 0; day < 2; day += 1) await bench.market.session({ AAA: ['100', '101', '99', '100'] })
  expect(told).toMatchObject([
    { type: 'borrow', symbol: 'AAA', currency: 'USD', amount: '1', time: bench.market.closeTime - 86_400_000 },
    { type: 'borrow', symbol: 'AAA', currency: 'USD', amount: '1', time: bench.market.closeTime },
  ])
  expect(new Set(told.map(({ eventId }) => eventId)).size).toBe(2)
  expect(await bench.broker.movements?.(0)).toEqual(told)
  expect(await bench.broker.movements?.(bench.market.closeTime)).toEqual(told.slice(1))
})

test('I19 I24 the books of a kernel that is short agree with the venue to the last digit, without anybody’s hand', async () => {
  const feed = createManualFeed({ startTime: Date.UTC(2024, 0, 1) })
  const kernel = createTradingKernel({
    account: 'paper',
    currency: 'USD',
    definition: createPaperBroker({
      account: 'paper',
      instruments: benchInstruments,
      cash: { USD: '10000' },
      allowShorts: true,
      borrow,
    }),
    brokerContext: {
      clock: feed.clock,
      ids: createSequentialIds(),
      random: createSeededRandom(1),
      logger: createSilentLogger(),
      feed,
    },
    calendar: tradingCalendar('us-equity'),
    journal: { append: () => undefined, durable: async () => undefined },
    deposits: '10000',
    logger: createSilentLogger(),
    killSwitchStore: { load: async () => undefined, save: async () => undefined },
    policy: { allowShorts: true },
    reconcileEveryMs: 1_000,
  })
  const events: KernelEvent[] = []
  kernel.subscribe((event) => void events.push(event))
  await kernel.start()
  feed.subscribe(async (event) => {
    await kernel.settled()
    await kernel.onMarket(event)
  })
  const market = createDailyMarket(feed)
  const volume = '1000000'
  const session = async (): Promise<void> => {
    await market.open({ AAA: '100', BBB: '50' })
    await market.close({
      AAA: { high: '101', low: '99', close: '100', volume },
      BBB: { high: '51', low: '49', close: '50', volume },
    })
  }
  for (let day = 0; day < 80; day += 1) {
    await market.preOpen()
    await session()
  }
  await market.preOpen()
  const intent = {
    intentId: 'intent-1',
    account: 'paper',
    agent: 'trader',
    strategy: 'test',
    symbol: 'AAA',
    side: 'sell',
    type: 'market',
    quantity: '5',
    timeInForce: 'day',
    exits: { stopPrice: '105', targetPrice: '90', maximumSessions: 50 },
    decidedAt: 0,
    causationId: 'cause',
    correlationId: 'chain',
  } as const
  const assessed = await kernel.assess(intent)
  if (assessed.status === 'denied') throw new Error(JSON.stringify(assessed.findings))
  await kernel.submit(intent, assessed.permitId)
  await session()
  for (let day = 0; day < 3; day += 1) {
    await market.preOpen()
    await session()
  }
  await kernel.settled()
  const { income, positions } = kernel.portfolio()
  expect(positions).toMatchObject([{ symbol: 'AAA', quantity: '-5' }])
  expect(Number(income)).toBeLessThan(-1)
  expect(kernel.halts()).toEqual([])
  expect(events.filter(({ type }) => type === 'alert')).toEqual([])
})
