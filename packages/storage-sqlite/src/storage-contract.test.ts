import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storageContract } from '@tradeswarm/testing'
import { createSqliteStorage } from './create-sqlite-storage.js'

storageContract('sqlite', {
  durable: true,
  async create() {
    const folder = await mkdtemp(join(tmpdir(), 'tradeswarm-'))
    const define = () => createSqliteStorage(join(folder, 'swarm.db'))
    return { definition: define(), redefine: define, cleanup: () => rm(folder, { recursive: true }) }
  },
})
