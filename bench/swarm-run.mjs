// One run of the five agents, measured by the swarm benchmark. `tape` is a folder, or absent for the bundled tape.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineTradingSwarm } from '@tradeswarm/agents'
import { backtest, bundledTape, loadTape } from '@tradeswarm/backtest'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { report } from './measure.mjs'

const { tape: folder, to, storage, writesReport } = JSON.parse(process.argv[2])
const place = mkdtempSync(join(tmpdir(), 'tradeswarm-bench-'))
try {
  const tape = folder === undefined ? await bundledTape({}) : await loadTape(folder, to === undefined ? {} : { to })
  const loadSeconds = performance.now() / 1000
  const result = await backtest({
    tape,
    swarm: defineTradingSwarm({ symbols: tape.instruments.map((instrument) => instrument.symbol) }),
    cash: { USD: '100000' },
    seed: 42,
    storage: storage === 'sqlite' ? createSqliteStorage(join(place, 'run.db')) : createMemoryStorage(),
  })
  const runSeconds = performance.now() / 1000 - loadSeconds
  if (writesReport) await result.writeReport(join(place, 'report.html'))
  const { messages, entries, fills } = result.counts
  report({
    journalHash: result.journalHash,
    runSeconds,
    messages,
    entries,
    fills,
    posts: tape.posts.length,
    bars: tape.bars.length,
  })
} finally {
  rmSync(place, { recursive: true, force: true })
}
