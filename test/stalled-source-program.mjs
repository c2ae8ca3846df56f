// A backtest with a source that never answers, for the test of what its caller is told.
import { defineTradingSwarm } from '@tradeswarm/agents'
import { backtest, bundledTape } from '@tradeswarm/backtest'
import { defineSignalSource } from '@tradeswarm/signals'

await backtest({
  tape: await bundledTape({ seed: 1 }),
  swarm: defineTradingSwarm({ symbols: ['SPX'] }),
  cash: { USD: '100000' },
  sources: [
    defineSignalSource({ name: 'quiet', every: '1d', synthetic: true, poll: () => new Promise(() => undefined) }),
  ],
})
