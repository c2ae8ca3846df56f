import { GetPortfolio, MarketBar, RecommendationIssued, SignalAggregated } from '@tradeswarm/agents'
import { Agent, type AgentClass, type PayloadOf } from '@tradeswarm/core'

/** An analyst that recommends to buy whatever `decide` says yes to, each signal by itself; what `decide` throws, it throws. */
export function scriptedAnalyst(decide: (signal: PayloadOf<typeof SignalAggregated>) => boolean): AgentClass {
  class ScriptedAnalyst extends Agent<typeof ScriptedAnalyst> {
    static readonly role: string = 'analyst'
    static readonly publishes = [RecommendationIssued]
    static readonly requests = [GetPortfolio]

    protected override onStart(): void {
      this.subscribe(MarketBar, (bar, context) => context.state.set(`close/${bar.symbol}`, bar.close))
      this.subscribe(SignalAggregated, async (signal, context) => {
        const close = context.state.get<string>(`close/${signal.symbol}`)
        if (!decide(signal) || close === undefined) return
        await context.publish(RecommendationIssued, {
          symbol: signal.symbol,
          sessionDate: signal.sessionDate,
          direction: 'enter-long',
          setup: 'scripted',
          score: 1,
          confidence: 1,
          horizonSessions: 3,
          referencePrice: close,
          entryPrice: close,
          stopPrice: (Number(close) * 0.97).toFixed(2),
          targetPrice: (Number(close) * 1.06).toFixed(2),
          riskReward: 2,
          rank: 1,
          reasons: [],
          signalMessageId: context.message?.id ?? '',
          parametersVersion: 0,
        })
      })
    }
  }
  return ScriptedAnalyst
}
