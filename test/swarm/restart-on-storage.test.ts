import { createTradingSwarm, defineTradingSwarm, type TradingSwarm } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import { createSeededRandom, createSequentialIds, createVirtualDispatcher } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { expect, test } from 'vitest'
import { smallTape } from './small-tape.test-support.js'

test('a swarm that starts again on its storage has its books and its latch again', async () => {
  const storage = createMemoryStorage()
  const create = (): TradingSwarm =>
    createTradingSwarm(
      defineTradingSwarm({
        symbols: ['AAA'],
        brokers: [createPaperBroker({ instruments: smallTape.instruments, cash: { USD: '5000' } })],
      }),
      {
        storage,
        feed: { name: 'quiet', subscribe: () => () => undefined },
        instruments: smallTape.instruments,
        deposits: { paper: '5000' },
        runtime: {
          dispatcher: createVirtualDispatcher({ start: Date.UTC(2014, 0, 2) }),
          ids: createSequentialIds(),
          random: createSeededRandom(1),
        },
      },
    )
  const first = create()
  await first.start()
  const books = first.kernel().snapshot()
  await first.stop()

  const second = create()
  await second.start()
  expect(second.kernel().snapshot()).toBe(books)
  expect(second.portfolio().netDeposits).toBe('5000')
  await second.kill('a test')
  await second.stop()

  const third = create()
  await third.start()
  expect(third.tradingState()).toEqual({ state: 'halted', reasons: [expect.stringContaining('a test')] })
  await third.stop()
})
