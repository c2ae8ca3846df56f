import type { AgentStatus } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { expect, test } from 'vitest'
import { messagesOf, withStorage } from './recorded-journal.test-support.js'
import { scriptedAnalyst } from './scripted-analyst.test-support.js'
import { recordSmallRun } from './small-run.test-support.js'

test('I36 an analyst that fails on one symbol loses those messages only: they are dead-lettered and the others go on', async () => {
  const storage = createMemoryStorage()
  const tries = new Map<string, number>()
  const analyst = scriptedAnalyst((signal) => {
    if (signal.symbol !== 'BBB') return signal.market.some((measure) => measure.kind === 'trend' && measure.score > 0)
    tries.set(signal.sessionDate, (tries.get(signal.sessionDate) ?? 0) + 1)
    throw new Error(`no idea what ${signal.symbol} is`)
  })
  let agents: readonly AgentStatus[] = []
  const run = await recordSmallRun({
    storage,
    swarm: { replace: { analyst }, config: {} },
    onSessionClosed: (_, swarm) => {
      agents = swarm.status().agents
    },
  })
  const failing = messagesOf<{ symbol: string }>(run.entries, 'signal.aggregated').filter(
    ({ payload }) => payload.symbol === 'BBB',
  )

  expect(run.result).toMatchObject({ status: 'completed', counts: { deadLetters: failing.length } })
  expect(failing.length).toBeGreaterThan(50)
  expect(new Set(tries.values()), 'each message is tried three times').toEqual(new Set([3]))
  expect(agents.find(({ role }) => role === 'analyst')).toMatchObject({
    state: 'running',
    failed: 3 * failing.length,
    deadLetters: failing.length,
  })
  for (const { role, failed } of agents) if (role !== 'analyst') expect(failed, role).toBe(0)

  const letters = await withStorage(storage, (opened) => opened.records.query('dead-letters', { limit: 1_000 }))
  expect(new Set(letters.map(({ id }) => id))).toEqual(new Set(failing.map(({ id }) => `${id} analyst`)))
  expect(JSON.parse(letters[0]?.text ?? '{}')).toMatchObject({
    error: 'no idea what BBB is',
    message: { topic: 'signal.aggregated' },
  })

  const filled = new Set(
    messagesOf<{ symbol: string }>(run.entries, 'order.filled').map(({ payload }) => payload.symbol),
  )
  expect(filled).toEqual(new Set(['AAA', 'CCC']))
})
