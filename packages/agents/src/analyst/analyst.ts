import { Agent, type HandlerContext, type PayloadOf } from '@tradeswarm/core'
import { type Parameters, ParametersAdjusted, RecommendationIssued } from '../messages/decision-topics.js'
import { GetPortfolio } from '../messages/kernel-topics.js'
import { MarketBar } from '../messages/market-topics.js'
import { SignalAggregated, SignalRoundCompleted } from '../messages/signal-topics.js'
import { analystConfig } from './analyst-config.js'
import { computeIndicators, type IndicatorBar, indicatorBars } from './indicators.js'
import { nextBaseline, noBaseline, type PostBaseline } from './post-baseline.js'
import { type Recommendation, recommend } from './recommend.js'

type Context = HandlerContext<typeof Analyst>
type Pending = {
  readonly id: string
  readonly correlationId: string
  readonly signal: PayloadOf<typeof SignalAggregated>
}
type Draft = Pending & { readonly recommendation: Omit<Recommendation, 'rank'> }

const untouched: Parameters = { version: 0, factorWeights: {}, setupBias: {}, symbolBias: {} }

/**
 * Turns aggregated signals and indicators into ranked recommendations, the strongest first.
 * It works on numbers alone: no text ever reaches it.
 */
export class Analyst extends Agent<typeof Analyst> {
  static readonly role: string = 'analyst'
  static readonly capabilities = ['recommendations']
  static readonly publishes = [RecommendationIssued]
  static readonly requests = [GetPortfolio]
  static readonly config = analystConfig

  /** Tick sizes by symbol: they do not change while the swarm runs. */
  readonly #tickSizes = new Map<string, string>()

  protected override onStart(): void {
    this.subscribe(MarketBar, (bar, context) => this.#keepBar(bar, context))
    this.subscribe(ParametersAdjusted, ({ parameters }, context) => context.state.set('parameters', parameters))
    this.subscribe(SignalAggregated, (signal, context) => {
      const { id = '', correlationId = '' } = context.message ?? {}
      context.state.set(`pending/${signal.symbol}`, { id, correlationId, signal } satisfies Pending)
    })
    this.subscribe(SignalRoundCompleted, (round, context) => this.#issue(round, context))
  }

  #keepBar(bar: PayloadOf<typeof MarketBar>, context: Context): void {
    const key = `bars/${bar.symbol}`
    const known = context.state.get<readonly IndicatorBar[]>(key) ?? []
    const next = { high: Number(bar.high), low: Number(bar.low), close: Number(bar.close) }
    context.state.set(key, [...known.slice(known.length >= indicatorBars ? 1 : 0), next])
  }

  async #issue({ symbols, at }: PayloadOf<typeof SignalRoundCompleted>, context: Context): Promise<void> {
    const drafts: Draft[] = []
    const isStale = context.clock.now() - at > this.config.maximumLagMs
    for (const symbol of symbols) {
      const pending = context.state.get<Pending>(`pending/${symbol}`)
      context.state.delete(`pending/${symbol}`)
      const draft = pending && !isStale && (await this.#draft(pending, context))
      if (draft) drafts.push(draft)
    }
    drafts.sort((a, b) => strengthOf(b) - strengthOf(a) || (a.signal.symbol < b.signal.symbol ? -1 : 1))
    for (const [index, { id, correlationId, recommendation }] of drafts.entries()) {
      await context.publish(
        RecommendationIssued,
        { ...recommendation, rank: index + 1 },
        { cause: { id, correlationId } },
      )
    }
  }

  async #draft(pending: Pending, context: Context): Promise<Draft | undefined> {
    const { symbol } = pending.signal
    const indicators = computeIndicators(context.state.get<readonly IndicatorBar[]>(`bars/${symbol}`) ?? [])
    if (indicators === undefined) return undefined
    const tickSize = await this.#tickSizeOf(symbol, context)
    const baselineKey = `baseline/${symbol}`
    const baseline = context.state.get<PostBaseline>(baselineKey) ?? noBaseline
    const { posts } = pending.signal
    if (posts !== undefined)
      context.state.set(baselineKey, nextBaseline(baseline, posts.score, this.config.baselineSessions))
    const recommendation = recommend({
      signal: pending.signal,
      signalMessageId: pending.id,
      indicators,
      baseline,
      tickSize,
      parameters: context.state.get<Parameters>('parameters') ?? untouched,
      config: this.config,
    })
    return recommendation && { ...pending, recommendation }
  }

  async #tickSizeOf(symbol: string, context: Context): Promise<string> {
    const known = this.#tickSizes.get(symbol)
    if (known !== undefined) return known
    const { instrument } = await context.request(GetPortfolio, { symbol })
    this.#tickSizes.set(symbol, instrument.tickSize)
    return instrument.tickSize
  }
}

function strengthOf({ recommendation }: Draft): number {
  return Math.abs(recommendation.score) * recommendation.confidence
}
