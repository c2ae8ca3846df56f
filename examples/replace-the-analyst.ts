// An Analyst of one's own in the place of the built-in one: it buys every Monday, and the kernel does the rest.
import { defineTradingSwarm, RecommendationIssued, SignalAggregated } from '@tradeswarm/agents'
import { backtest, bundledTape } from '@tradeswarm/backtest'
import { Agent } from '@tradeswarm/core'

class MondayAnalyst extends Agent<typeof MondayAnalyst> {
  static readonly role = 'analyst'
  static readonly publishes = [RecommendationIssued]

  protected override onStart(): void {
    this.subscribe(SignalAggregated, async (signal, context) => {
      if (new Date(signal.at).getUTCDay() !== 1) return
      await context.publish(RecommendationIssued, {
        symbol: signal.symbol,
        sessionDate: signal.sessionDate,
        direction: 'enter-long',
        setup: 'monday',
        score: 1,
        confidence: 1,
        horizonSessions: 4,
        referencePrice: '1850',
        entryPrice: '1850',
        stopPrice: '1750',
        targetPrice: '2000',
        riskReward: 1.5,
        rank: 1,
        reasons: [],
        signalMessageId: context.message?.id ?? '',
        parametersVersion: 0,
      })
    })
  }
}

const result = await backtest({
  tape: await bundledTape({ to: '2014-03-31' }),
  swarm: defineTradingSwarm({ symbols: ['SPX'], replace: { analyst: MondayAnalyst } }),
  cash: { USD: '100000' },
})
console.log(
  `${result.counts.recommendations} recommendations, ${result.counts.intents} intents, ${result.counts.denials} denied, ${result.counts.trades} trades`,
)
