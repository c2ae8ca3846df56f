import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { expectedHead, runScriptedHour } from './portable-swarm.js'

test('a scripted swarm has one journal hash, here as in workerd, in memory', async () => {
  expect(await runScriptedHour(createMemoryStorage())).toEqual(expectedHead)
})

test('a scripted swarm has one journal hash, here as in workerd, on SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tradeswarm-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  expect(await runScriptedHour(createSqliteStorage(join(folder, 'swarm.db')))).toEqual(expectedHead)
})
