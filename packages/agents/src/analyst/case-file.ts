import type { HandlerContext, PayloadOf } from '@tradeswarm/core'
import type { Parameters } from '../messages/decision-topics.js'
import { GetPortfolio } from '../messages/kernel-topics.js'
import type { MarketBar } from '../messages/market-topics.js'
import type { SignalAggregated, SignalRoundCompleted } from '../messages/signal-topics.js'
import type { AnalystConfig } from './analyst-config.js'
import { computeIndicators, type IndicatorBar, type Indicators, indicatorBars } from './indicators.js'
import { nextBaseline, noBaseline, type PostBaseline } from './post-baseline.js'
import { type Recommendation, recommend } from './recommend.js'

/** What of a handler's context the file works with. */
type FileContext = Pick<
  HandlerContext<{ readonly role: string; readonly requests: readonly [typeof GetPortfolio] }>,
  'state' | 'clock' | 'message' | 'request'
>
type State = Pick<FileContext, 'state'>

type Pending = {
  readonly id: string
  readonly correlationId: string
  readonly signal: PayloadOf<typeof SignalAggregated>
}

/** All that is known of one symbol before a session, and what the rules make of it. */
export type AnalystCase = Pending & {
  readonly indicators: Indicators
  readonly baseline: PostBaseline
  readonly tickSize: string
  readonly parameters: Parameters
  /** Undefined where the rules see no reason to do anything. */
  readonly byRules: Omit<Recommendation, 'rank'> | undefined
}

/** A recommendation before it is ranked, with the message that it answers. */
export type RecommendationDraft = Pending & { readonly recommendation: Omit<Recommendation, 'rank'> }

const untouched: Parameters = { version: 0, factorWeights: {}, setupBias: {}, symbolBias: {} }

/** What an Analyst has on file of each symbol, in its documents: bars, baselines, parameters, and the signal that waits for its round. */
export class CaseFile {
  /** Tick sizes by symbol: they do not change while the swarm runs. */
  readonly #tickSizes = new Map<string, string>()

  keepBar(bar: PayloadOf<typeof MarketBar>, { state }: State): void {
    const key = `bars/${bar.symbol}`
    const known = state.get<readonly IndicatorBar[]>(key) ?? []
    const next = { high: Number(bar.high), low: Number(bar.low), close: Number(bar.close) }
    state.set(key, [...known.slice(known.length >= indicatorBars ? 1 : 0), next])
  }

  keepParameters(parameters: Parameters, { state }: State): void {
    state.set('parameters', parameters)
  }

  keepSignal(
    signal: PayloadOf<typeof SignalAggregated>,
    { message, state }: Pick<FileContext, 'message' | 'state'>,
  ): void {
    const { id = '', correlationId = '' } = message ?? {}
    state.set(`pending/${signal.symbol}`, { id, correlationId, signal } satisfies Pending)
  }

  /** The finished bars of a symbol, oldest first. */
  barsOf(symbol: string, { state }: State): readonly IndicatorBar[] {
    return state.get<readonly IndicatorBar[]>(`bars/${symbol}`) ?? []
  }

  /** The cases of a round, in its order. Signals that waited too long are dropped: they were gathered for an open that is gone. */
  async casesOf(
    { symbols, at }: PayloadOf<typeof SignalRoundCompleted>,
    context: FileContext,
    config: AnalystConfig,
  ): Promise<readonly AnalystCase[]> {
    const cases: AnalystCase[] = []
    const isStale = context.clock.now() - at > config.maximumLagMs
    for (const symbol of symbols) {
      const pending = context.state.get<Pending>(`pending/${symbol}`)
      context.state.delete(`pending/${symbol}`)
      const found = pending && !isStale && (await this.#caseOf(pending, context, config))
      if (found) cases.push(found)
    }
    return cases
  }

  async #caseOf(pending: Pending, context: FileContext, config: AnalystConfig): Promise<AnalystCase | undefined> {
    const { signal } = pending
    const { symbol, posts } = signal
    const indicators = computeIndicators(this.barsOf(symbol, context))
    if (indicators === undefined) return undefined
    const tickSize = await this.#tickSizeOf(symbol, context)
    const baselineKey = `baseline/${symbol}`
    const baseline = context.state.get<PostBaseline>(baselineKey) ?? noBaseline
    if (posts !== undefined)
      context.state.set(baselineKey, nextBaseline(baseline, posts.score, config.baselineSessions))
    const parameters = context.state.get<Parameters>('parameters') ?? untouched
    const known = { indicators, baseline, tickSize, parameters }
    return { ...pending, ...known, byRules: recommend({ ...known, signal, signalMessageId: pending.id, config }) }
  }

  async #tickSizeOf(symbol: string, context: FileContext): Promise<string> {
    const known = this.#tickSizes.get(symbol)
    if (known !== undefined) return known
    const { instrument } = await context.request(GetPortfolio, { symbol })
    this.#tickSizes.set(symbol, instrument.tickSize)
    return instrument.tickSize
  }
}

/** What the rules recommend of a case, if anything. */
export function draftByRules({ id, correlationId, signal, byRules }: AnalystCase): RecommendationDraft[] {
  return byRules === undefined ? [] : [{ id, correlationId, signal, recommendation: byRules }]
}

/** How much a recommendation is worth attention: |score| × confidence. */
export function strengthOf({ recommendation }: Pick<RecommendationDraft, 'recommendation'>): number {
  return Math.abs(recommendation.score) * recommendation.confidence
}
