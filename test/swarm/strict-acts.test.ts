import { createTradingSwarm, defineTradingSwarm, type TradingSwarm } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import { createSequentialIds, createVirtualDispatcher } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { expect, test } from 'vitest'
import { smallSessions, smallSymbols, smallTape } from './small-tape.test-support.js'

const { instruments } = smallTape
const paper = createPaperBroker({ account: 'paper', instruments, cash: { USD: '100000' } })

async function startedSwarm(): Promise<TradingSwarm> {
  const swarm = createTradingSwarm(defineTradingSwarm({ symbols: smallSymbols, brokers: [paper] }), {
    storage: createMemoryStorage(),
    feed: { name: 'none', subscribe: () => () => undefined },
    instruments,
    deposits: { paper: '100000' },
    operators: ['Ada'],
    runtime: {
      dispatcher: createVirtualDispatcher({ start: smallSessions()[0]?.open ?? 0 }),
      ids: createSequentialIds(),
    },
  })
  await swarm.start()
  return swarm
}

async function entriesOf(swarm: TradingSwarm): Promise<readonly unknown[]> {
  await swarm.checkpoint()
  const entries: unknown[] = []
  for await (const entry of swarm.storage.journal.read()) entries.push(entry)
  return entries
}

test('an act that is none is refused before it is noted, and changes nothing', async () => {
  const swarm = await startedSwarm()
  type Loose = Readonly<
    Record<
      'halt' | 'kill' | 'resume' | 'approve' | 'freeze' | 'changePolicy' | 'book' | 'adopt',
      (...given: unknown[]) => unknown
    >
  >
  const { halt, kill, resume, approve, freeze, changePolicy, book, adopt } = swarm as unknown as Loose
  await swarm.halt('reducing', 'a person says so')
  const before = (await entriesOf(swarm)).length
  for (const attempt of [
    () => halt('active', 'lift it'),
    () => halt('haltd', 'panic'),
    () => halt('halted'),
    () => halt('halted', 'panic', { account: 'eu' }),
    () => kill(''),
    () => freeze({ operator: 'Ada' }),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  for (const attempt of [
    () => resume(),
    () => approve('token'),
    () => changePolicy({}),
    () => book({ type: 'interest', eventId: 'e', amount: '1' }, { reason: 'nobody' }),
    () => adopt({ symbol: 'SPX', price: '1' }),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
  expect(swarm.tradingState().state).toBe('reducing')
  expect(await entriesOf(swarm)).toHaveLength(before)
  await swarm.stop()
})

test('a halt of a scope that names nobody holds, and is warned of', async () => {
  const swarm = await startedSwarm()
  const scope = { agent: 'tradr' }
  await swarm.halt('halted', 'raving', { scope })
  await swarm.halt('halted', 'raving', { scope: { agent: 'trader-2' } })
  await swarm.halt('halted', 'raving', { scope: { strategy: 'swarm' } })
  await swarm.halt('halted', 'raving', { scope: { venue: paper.name } })
  expect(swarm.kernel().tradingState(scope).state).toBe('halted')
  const alerts = (await entriesOf(swarm)).filter((each) => JSON.stringify(each).includes('HALT_SCOPE_UNKNOWN'))
  expect(alerts).toHaveLength(1)
  expect(JSON.stringify(alerts)).toContain('did you mean trader?')
  await swarm.stop()
})
