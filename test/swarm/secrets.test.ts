import { type AgentConfigs, Analyst, analystConfig } from '@tradeswarm/agents'
import { backtest, replayRun } from '@tradeswarm/backtest'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { readJournal, withStorage } from './recorded-journal.test-support.js'
import { smallRunOptions } from './small-run.test-support.js'
import { eagerConfig } from './small-tape.test-support.js'

test('secrets of agents reach no journal, and a run goes on with new ones', async () => {
  class KeyedAnalyst extends Analyst {
    static override readonly config = analystConfig.extend({
      apiKey: z.string(),
      pin: z.string().meta({ secret: true }),
    })
  }
  const options = (apiKey: string, minimumScore?: number) =>
    smallRunOptions({
      swarm: {
        replace: { analyst: KeyedAnalyst },
        config: {
          ...eagerConfig,
          analyst: {
            ...eagerConfig.analyst,
            ...(minimumScore === undefined ? {} : { minimumScore }),
            apiKey,
            pin: '4711-0815',
          },
        } as AgentConfigs,
      },
    })
  const storage = createMemoryStorage()
  const abort = new AbortController()
  const stopped = await backtest({
    ...options('key-of-yesterday'),
    storage,
    signal: abort.signal,
    onSessionClosed: () => abort.abort(),
  })
  expect(stopped.status).toBe('stopped')
  await expect(backtest({ ...options('key-of-today', 0.99), storage, resume: true })).rejects.toMatchObject({
    code: 'RESUME_MISMATCH',
  })
  const resumed = await backtest({ ...options('key-of-today'), storage, resume: true })
  expect(resumed.status).toBe('completed')
  expect(JSON.stringify(await readJournal(storage))).not.toMatch(/key-of|4711-0815/)
})

test('an agent that was given secrets cannot be given them again: the replay says so, and where', async () => {
  const secret = 'key-of-a-venue'
  class KeyedAnalyst extends Analyst {
    static override readonly config = analystConfig.extend({ apiKey: z.string().optional() })
  }
  const options = () => smallRunOptions({ swarm: { replace: { analyst: KeyedAnalyst } } })
  const storage = createMemoryStorage()
  const given: unknown[] = []
  await backtest({
    ...options(),
    storage,
    async onSessionClosed(_date, swarm) {
      if (given.length > 0) return
      await swarm.agent('analyst').reconfigure({ ...eagerConfig.analyst, apiKey: secret })
      given.push(swarm.agent('analyst').status().state)
    },
  })
  expect(given).toEqual(['running'])
  expect(JSON.stringify(await readJournal(storage))).not.toContain(secret)
  await expect(withStorage(storage, (opened) => replayRun(opened, { swarm: options().swarm }))).rejects.toMatchObject({
    code: 'REPLAY_NEEDS_SECRET',
    message: expect.stringMatching(/^entry \d+: an operator gave analyst a configuration with secrets .*\(apiKey\)/),
  })
})
