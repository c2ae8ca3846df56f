// An Analyst of one's own in the place of the built-in one: it buys every Monday, and the kernel does the rest.
import { defineTradingSwarm, MarketBar, RecommendationIssued, SignalAggregated } from '@tradeswarm/agents'
import { backtest, bundledTape } from '@tradeswarm/backtest'
import { Agent } from '@tradeswarm/core'

class MondayAnalyst extends Agent<typeof MondayAnalyst> {
  static readonly role = 'analyst'
  static readonly publishes = [RecommendationIssued]

  protected override onStart(): void {
    this.subscribe(MarketBar, (bar, context) => context.state.set(`close/${bar.symbol}`, Number(bar.close)))
    this.subscribe(SignalAggregated, async (signal, context) => {
      const close = context.state.get<number>(`close/${signal.symbol}`)
      if (close === undefined || new Date(signal.at).getUTCDay() !== 1) return
      await context.publish(RecommendationIssued, {
        symbol: signal.symbol,
        sessionDate: signal.sessionDate,
        direction: 'enter-long',
        setup: 'monday',
        score: 1,
        confidence: 1,
        horizonSessions: 4,
        referencePrice: String(close),
        entryPrice: close.toFixed(2),
        stopPrice: (close * 0.95).toFixed(2),
        targetPrice: (close * 1.1).toFixed(2),
        riskReward: 2,
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
