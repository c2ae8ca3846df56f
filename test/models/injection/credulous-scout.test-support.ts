import { DataScout, MarketSession, PostReceived, SignalAggregated, SignalRoundCompleted } from '@tradeswarm/agents'
import { Agent, type PayloadOf } from '@tradeswarm/core'

type Known = Pick<PayloadOf<typeof PostReceived>, 'source' | 'id' | 'at'>

/** A scout that lets everything through: each post since the last session counts, alike and in full. Whatever the real one rejects, this one does not. */
export class CredulousScout extends Agent<typeof CredulousScout> {
  static readonly role: string = 'data-scout'
  static readonly publishes = [SignalAggregated, SignalRoundCompleted]
  static readonly config = DataScout.config

  protected override onStart(): void {
    this.subscribe(PostReceived, ({ symbol, source, id, at }, { state }) => {
      const known = state.get<readonly Known[]>(`new/${symbol}`) ?? []
      state.set(`new/${symbol}`, [...known, { source, id, at }])
    })
    this.subscribe(MarketSession, async ({ phase, sessionDate, time }, context) => {
      if (phase !== 'pre-open') return
      for (const symbol of this.config.symbols) {
        const posts = context.state.get<readonly Known[]>(`new/${symbol}`) ?? []
        context.state.set(`new/${symbol}`, [])
        const count = Math.max(1, posts.length)
        await context.publish(
          SignalAggregated,
          {
            symbol,
            sessionDate,
            at: time,
            synthetic: true,
            market: [],
            posts: {
              score: 0.9,
              confidence: 0.9,
              burst: { isBurst: false, mentions: posts.length, baseline: 0, zScore: 0 },
              quality: {
                mentions: posts.length,
                observations: posts.length,
                uniqueAuthors: posts.length,
                duplicateShare: 0,
                retweetShare: 0,
                rejectedShare: 0,
                concentration: 1 / count,
                agreement: 1,
                opinion: 0.9,
                oldestAgeMs: 0,
                newestAgeMs: 0,
              },
              contributors: posts.map((post) => ({ ...post, share: 1 / count, score: 0.9, confidence: 0.9 })),
            },
          },
          { cause: 'none' },
        )
      }
      await context.publish(SignalRoundCompleted, { sessionDate, at: time, symbols: [...this.config.symbols] })
    })
  }
}
