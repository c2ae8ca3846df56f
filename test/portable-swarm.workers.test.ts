import { env } from 'cloudflare:workers'
import { verifyJournal } from '@tradeswarm/core'
import { createD1Storage } from '@tradeswarm/storage-d1'
import { expect, test } from 'vitest'
import { countsOf, createCounterSwarm, expectedHead, runScriptedHour } from './portable-swarm.js'

test('these tests run in workerd', () => {
  expect(navigator.userAgent).toBe('Cloudflare-Workers')
})

test('a scripted swarm has one journal hash, here as on Node', async () => {
  const storage = createD1Storage({ database: env.SCRIPTED_HOUR, blobs: env.BLOBS })
  expect(await runScriptedHour(storage)).toEqual(expectedHead)
})

test('a swarm in real time publishes durably and finds its state after a restart', async () => {
  const storage = createD1Storage({ database: env.REAL_TIME, blobs: env.BLOBS, cache: env.CACHE })
  const first = createCounterSwarm(storage)
  await first.swarm.start()
  for (const celsius of [1, -2, 3]) await first.observe(celsius)
  await first.swarm.stop()
  const second = createCounterSwarm(storage)
  await second.swarm.start()
  await second.observe(4)
  await second.observe(5)
  await second.swarm.stop()

  const reader = createCounterSwarm(storage).swarm
  await reader.start()
  expect(await countsOf(reader)).toEqual([1, 2, 3, 4, 5])
  expect(await verifyJournal(reader.storage.journal)).toMatchObject({ ok: true, hash: second.swarm.journalHead().hash })
  await reader.stop()
})
