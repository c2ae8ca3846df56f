import { createTradingSwarm, defineTradingSwarm } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import {
  createConcurrentDispatcher,
  createSeededRandom,
  createSequentialIds,
  createSilentLogger,
  type StorageDefinition,
} from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createSimulatedClock } from '@tradeswarm/testing'
import { expect, test } from 'vitest'
import { smallSymbols, smallTape } from './small-tape.test-support.js'

/** The same storage, that notes when it is asked for books and when the account's lease is written. */
function observed(storage: StorageDefinition, notes: string[]): StorageDefinition {
  return {
    name: storage.name,
    async open(context) {
      const opened = await storage.open(context)
      return {
        ...opened,
        journal: {
          ...opened.journal,
          read(options) {
            if (options?.kinds?.includes('ledger') === true) notes.push('books read')
            return opened.journal.read(options)
          },
        },
        keyValue: {
          ...opened.keyValue,
          get(key) {
            if (key.startsWith('kernel-snapshot/')) notes.push('snapshot read')
            return opened.keyValue.get(key)
          },
        },
        commit(batch) {
          for (const { key } of batch.keyValue ?? []) if (key.startsWith('lease/')) notes.push('account taken')
          return opened.commit(batch)
        },
      }
    },
  }
}

test('I39 a swarm reads the books of an account when it has the account, and not before', async () => {
  const notes: string[] = []
  const { instruments } = smallTape
  const clock = createSimulatedClock({ start: Date.UTC(2014, 0, 2) })
  const swarm = createTradingSwarm(
    defineTradingSwarm({
      symbols: smallSymbols,
      brokers: [createPaperBroker({ instruments, cash: { USD: '5000' } })],
    }),
    {
      storage: observed(createMemoryStorage(), notes),
      feed: { name: 'quiet', subscribe: () => () => undefined },
      instruments,
      deposits: { paper: '5000' },
      runtime: {
        dispatcher: createConcurrentDispatcher(clock),
        ids: createSequentialIds(),
        random: createSeededRandom(1),
        logger: createSilentLogger(),
      },
    },
  )
  await swarm.start()
  expect(notes.slice(0, 3)).toEqual(['account taken', 'snapshot read', 'books read'])
  await swarm.stop()
})
