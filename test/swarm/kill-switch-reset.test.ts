import { createTradingSwarm, defineTradingSwarm } from '@tradeswarm/agents'
import { createPaperBroker } from '@tradeswarm/broker-paper'
import { createSeededRandom, createSequentialIds, createVirtualDispatcher, sha256Hex } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { expect, test } from 'vitest'
import { smallSessions, smallSymbols, smallTape } from './small-tape.test-support.js'

test('I14 a latched kill switch is cleared by an operator with the secret, and by nothing else', async () => {
  const { instruments } = smallTape
  const swarm = createTradingSwarm(
    defineTradingSwarm({
      symbols: smallSymbols,
      brokers: [createPaperBroker({ account: 'paper', instruments, cash: { USD: '1000' } })],
    }),
    {
      storage: createMemoryStorage(),
      feed: { name: 'silent', subscribe: () => () => undefined },
      instruments,
      deposits: { paper: '1000' },
      killSwitchSecretHash: sha256Hex('open sesame'),
      runtime: {
        dispatcher: createVirtualDispatcher({ start: smallSessions()[0]?.open ?? 0 }),
        ids: createSequentialIds(),
        random: createSeededRandom(1),
      },
    },
  )
  await swarm.start()
  await swarm.kill('smoke')
  expect(swarm.tradingState()).toEqual({ state: 'halted', reasons: ['smoke'] })
  await swarm.resume({ operator: 'someone', reason: 'resume is not reset' })
  for (const authorisation of [
    { operator: 'someone', secret: 'open barley' },
    { operator: '', secret: 'open sesame' },
  ]) {
    await expect(swarm.resetKillSwitch(authorisation)).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
    expect(swarm.tradingState().state).toBe('halted')
  }
  await swarm.resetKillSwitch({ operator: 'someone', secret: 'open sesame' })
  expect(swarm.tradingState()).toEqual({ state: 'active', reasons: [] })
  await swarm.stop()
})
