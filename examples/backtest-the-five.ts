// The five agents over the bundled tape, in memory, with a report.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineTradingSwarm } from '@tradeswarm/agents'
import { backtest, bundledTape } from '@tradeswarm/backtest'

const definition = defineTradingSwarm({
  symbols: ['SPX'],
  policy: { maxPositionFraction: 0.1, maxDailyLossFraction: 0.02 },
})

const tape = await bundledTape({ to: '2014-06-30' })
const result = await backtest({ tape, swarm: definition, cash: { USD: '100000' }, seed: 42 })

const folder = await mkdtemp(join(tmpdir(), 'tradeswarm-'))
await result.writeReport(join(folder, 'report.html'))
console.log(`${result.counts.posts} posts, ${result.counts.trades} trades, Sharpe ${result.statistics.sharpe}`)
console.log(`journal hash ${result.journalHash}`)
