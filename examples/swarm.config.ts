// What `tradeswarm run swarm.config.ts` runs. A definition is inert: nothing opens before the run starts.
import { defineTradingSwarm } from '@tradeswarm/agents'

export default defineTradingSwarm({
  symbols: ['SPX'],
  policy: { maxPositionFraction: 0.05, maxDrawdownFraction: 0.05 },
  config: {
    analyst: { minimumConfidence: 0.7 },
    trader: { riskFraction: 0.0025 },
  },
})
