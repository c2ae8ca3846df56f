import { Agent, canonicalJson, type HandlerContext, type PayloadOf, SwarmError } from '@tradeswarm/core'
import { decimal, decimalText, divide } from '@tradeswarm/trading'
import type { z } from 'zod'
import { ParametersAdjusted, RecommendationIssued } from '../messages/decision-topics.js'
import { GetPortfolio } from '../messages/kernel-topics.js'
import { MarketBar } from '../messages/market-topics.js'
import { FormOpinions, type ModelBasis, ModelRoundCompleted, ReadPosts } from '../messages/model-messages.js'
import { PostReceived, SignalAggregated, SignalRoundCompleted } from '../messages/signal-topics.js'
import type { Brief } from '../models/brief.js'
import { tallyOf } from '../models/count-faults.js'
import { summariseReadings } from '../models/summarise-readings.js'
import { modelAnalystConfig } from './analyst-config.js'
import { type AnalystCase, CaseFile, draftByRules, type RecommendationDraft, strengthOf } from './case-file.js'
import { createCorrelations, leadOf, type MoodPoint, rememberedMoods } from './correlations.js'
import { makeBrief } from './make-brief.js'
import { recommendByOpinion } from './recommend-by-opinion.js'
import { RecommendationQueue } from './recommendation-queue.js'

type Context = HandlerContext<typeof ModelAnalyst>
type Round = PayloadOf<typeof SignalRoundCompleted>
type ReadAnswer = z.output<(typeof ReadPosts)['output']>
type OpinionAnswer = z.output<(typeof FormOpinions)['output']>
type KnownPost = { readonly source: string; readonly id: string; readonly textHash: string }
type Correlations = ReturnType<typeof createCorrelations>

/** A symbol that the models are asked about. */
type Asked = { readonly found: AnalystCase; readonly brief: Brief; readonly posts: ModelBasis['posts'] }
/** What became of it, and how the round counts it. */
type Decided = {
  readonly draft: RecommendationDraft | undefined
  readonly as: 'accepted' | 'none' | 'weak' | 'byRules' | 'abstained'
}

/** A request is given this much longer than whoever answers gives itself. */
const answerSlackMs = 10_000
/** Posts of a symbol whose texts can be found; the oldest go. */
const maximumKnownPosts = 300
/** Rejections that a round names one by one; its counts are of all. */
const maximumRejectionsNamed = 500
const noReadings: ReadAnswer = { readings: [], rejected: [], uses: [], costUsd: '0' }

/**
 * The Analyst with models: a reader turns the weightiest posts into words from fixed lists and numbers, a reasoner or a debate forms an
 * opinion on those, the indicators and the portfolio. An opinion that is not sound is not taken, and counted; then the rules' result stands,
 * or none, as `fallback` says. It holds hashes of posts and never their text.
 */
export class ModelAnalyst extends Agent<typeof ModelAnalyst> {
  static readonly role: string = 'analyst'
  static readonly capabilities = ['recommendations']
  static readonly publishes = [RecommendationIssued, ModelRoundCompleted]
  static readonly requests = [GetPortfolio, ReadPosts, FormOpinions]
  static readonly config = modelAnalystConfig

  readonly #file = new CaseFile()

  protected override onStart(): void {
    this.subscribe(MarketBar, (bar, context) => this.#file.keepBar(bar, context))
    this.subscribe(ParametersAdjusted, ({ parameters }, context) => this.#file.keepParameters(parameters, context))
    this.subscribe(SignalAggregated, (signal, context) => this.#file.keepSignal(signal, context))
    this.subscribe(PostReceived, (post, context) => keepPost(post, context))
    this.subscribe(SignalRoundCompleted, (round, context) => this.#issue(round, context))
  }

  async #issue(round: Round, context: Context): Promise<void> {
    const cases = await this.#file.casesOf(round, context, this.config)
    if (cases.length === 0) return
    const correlations = createCorrelations((symbol) => this.#file.barsOf(symbol, context))
    const chosen = this.#choose(cases)
    const read = await this.#read(chosen, context)
    const asked: Asked[] = []
    for (const found of chosen) asked.push(await this.#prepare(found, read, { round, correlations, context }))
    const said = await this.#ask(round, asked, context)
    const share = shareOf([read.costUsd, said.costUsd], asked.length)
    const decided = asked.map((one) => this.#decide(one, { read, said, share }, context))
    const others = cases.filter((found) => !chosen.includes(found)).flatMap(draftByRules)
    await this.#publish([...decided.flatMap(({ draft }) => draft ?? []), ...others], correlations, context)
    const completed = roundOf(round, context, { read, said, decided })
    await context.publish(ModelRoundCompleted, completed)
    const { posts, opinions } = completed
    if (completed.rejections.length > 0)
      context.logger.warn('answers of models were not taken', { posts: posts.rejected, opinions: opinions.rejected })
  }

  /** The symbols with the strongest signals: what posts or rules say loudest. */
  #choose(cases: readonly AnalystCase[]): readonly AnalystCase[] {
    const loudness = ({ signal, byRules }: AnalystCase): number =>
      Math.max(
        Math.abs(byRules?.score ?? 0),
        Math.abs(signal.posts?.score ?? 0),
        ...signal.market.map(({ score }) => Math.abs(score)),
      )
    return [...cases]
      .sort((a, b) => loudness(b) - loudness(a) || (a.signal.symbol < b.signal.symbol ? -1 : 1))
      .slice(0, this.config.model.maximumSymbols)
  }

  /** The posts that weighed most in each signal, read by the reader model. */
  async #read(chosen: readonly AnalystCase[], context: Context): Promise<ReadAnswer> {
    const posts = chosen.flatMap(({ signal: { symbol, posts: opinion } }) => {
      const known = context.state.get<readonly KnownPost[]>(`posts/${symbol}`) ?? []
      return (opinion?.contributors ?? []).slice(0, this.config.model.maximumPosts).flatMap(({ source, id }) => {
        const post = known.findLast((one) => one.source === source && one.id === id)
        return post === undefined ? [] : [{ symbol, source, id, textHash: post.textHash }]
      })
    })
    if (posts.length === 0) return noReadings
    try {
      return await context.request(ReadPosts, { posts }, this.#patience())
    } catch (error) {
      this.#tellFailure(error, context)
      return {
        ...noReadings,
        rejected: posts.map(({ symbol, source, id }) => ({ symbol, source, id, fault: 'failed' as const })),
      }
    }
  }

  async #ask({ sessionDate }: Round, asked: readonly Asked[], context: Context): Promise<OpinionAnswer> {
    const briefs = asked.map(({ brief }) => brief)
    try {
      return await context.request(FormOpinions, { sessionDate, briefs }, this.#patience())
    } catch (error) {
      this.#tellFailure(error, context)
      const rejected = briefs.map(({ symbol }) => ({ symbol, part: 'reasoner' as const, fault: 'failed' as const }))
      return { opinions: [], rejected }
    }
  }

  /** Whatever is wrong with the models, the session goes on without them. */
  #tellFailure(error: unknown, context: Context): void {
    context.logger.error('the models could not be asked', {
      code: SwarmError.isInstance(error) ? error.code : 'unknown',
    })
  }

  async #prepare(
    found: AnalystCase,
    read: ReadAnswer,
    { round, correlations, context }: { round: Round; correlations: Correlations; context: Context },
  ): Promise<Asked> {
    const { symbol, posts: opinion } = found.signal
    const readings = read.readings.filter((one) => one.symbol === symbol)
    const rejected = read.rejected.filter((one) => one.symbol === symbol)
    const shares = new Map(opinion?.contributors.map(({ source, id, share }) => [`${source}\n${id}`, share]))
    const summary = summariseReadings(
      readings.length + rejected.length,
      readings.map(({ source, id, reading }) => ({ share: shares.get(`${source}\n${id}`) ?? 0, reading })),
    )
    const { portfolio } = await context.request(GetPortfolio, { symbol })
    const brief = makeBrief(found, {
      config: this.config,
      readings: summary.asked === 0 ? undefined : summary,
      correlations: correlations.of(symbol, round.symbols),
      lead: this.#remember(found, context),
      portfolio,
    })
    return { found, brief, posts: readings.map(({ source, id, reading }) => ({ source, id, reading })) }
  }

  /** Keeps what posts say now beside the last close, and tells how well they led so far. */
  #remember({ signal, indicators }: AnalystCase, context: Context): number | undefined {
    const key = `moods/${signal.symbol}`
    const known = context.state.get<readonly MoodPoint[]>(key) ?? []
    const moods = [...known, { score: signal.posts?.score ?? 0, close: indicators.close }].slice(-rememberedMoods)
    context.state.set(key, moods)
    return leadOf(moods)
  }

  #decide(
    { found, brief, posts }: Asked,
    { read, said, share }: { read: ReadAnswer; said: OpinionAnswer; share: string | undefined },
    context: Context,
  ): Decided {
    const { id, correlationId, signal } = found
    const taken = said.opinions.find(({ opinion }) => opinion.symbol === signal.symbol)
    const fault = said.rejected.find(({ symbol }) => symbol === signal.symbol)?.fault ?? 'failed'
    const common = {
      uses: [...(posts.length === 0 ? [] : read.uses), ...(taken?.uses ?? [])],
      ...(share === undefined ? {} : { costUsd: share }),
      posts,
    }
    if (taken === undefined) {
      const [draft] = this.config.model.fallback === 'rules' ? draftByRules(found) : []
      if (draft === undefined) return { draft, as: this.config.model.fallback === 'rules' ? 'byRules' : 'abstained' }
      const model: ModelBasis = {
        ...common,
        origin: 'rules',
        fault,
        briefHash: context.putBlob(canonicalJson(brief)),
        sections: [],
      }
      return { draft: { ...draft, recommendation: { ...draft.recommendation, model } }, as: 'byRules' }
    }
    const outcome = recommendByOpinion(found, taken.opinion, this.config)
    if (outcome.status !== 'recommended') return { draft: undefined, as: outcome.status }
    const { recommendation, scenarios, expectedReturn, rewardToRisk } = outcome
    const model: ModelBasis = {
      ...common,
      origin: 'model',
      briefHash: context.putBlob(canonicalJson(brief)),
      rationaleHash: context.putBlob(taken.opinion.rationale),
      scenarios,
      expectedReturn,
      rewardToRisk,
      sections: taken.opinion.evidence,
      ...(taken.debate === undefined ? {} : { debate: taken.debate }),
    }
    return { draft: { id, correlationId, signal, recommendation: { ...recommendation, model } }, as: 'accepted' }
  }

  async #publish(drafts: readonly RecommendationDraft[], correlations: Correlations, context: Context): Promise<void> {
    if (drafts.length === 0) return
    const queue = new RecommendationQueue<RecommendationDraft>({
      maximum: drafts.length,
      correlation: correlations.between,
    })
    for (const draft of drafts) queue.push({ item: draft, symbol: draft.signal.symbol, priority: strengthOf(draft) })
    for (let rank = 1, next = queue.pop(); next !== undefined; rank += 1, next = queue.pop()) {
      const { id, correlationId, recommendation } = next.item
      await context.publish(RecommendationIssued, { ...recommendation, rank }, { cause: { id, correlationId } })
    }
  }

  #patience(): { readonly timeoutMs: number } {
    return { timeoutMs: this.config.model.deadlineMs + answerSlackMs }
  }
}

function keepPost({ symbol, source, id, textHash }: PayloadOf<typeof PostReceived>, { state }: Context): void {
  const key = `posts/${symbol}`
  const known = state.get<readonly KnownPost[]>(key) ?? []
  state.set(key, [...known.slice(known.length >= maximumKnownPosts ? 1 : 0), { source, id, textHash }])
}

/** An equal part of what a round cost, rounded up to 10⁻⁹ of a dollar, so that the parts are never less than the whole. */
function shareOf(costs: readonly (string | undefined)[], parts: number): string | undefined {
  let sum = decimal('0')
  for (const cost of costs) {
    if (cost === undefined) return undefined
    sum = sum.plus(decimal(cost))
  }
  return parts === 0 ? undefined : decimalText(divide(sum, decimal(String(parts)), 9, 'up'))
}

function roundOf(
  { sessionDate }: Round,
  { clock }: Context,
  { read, said, decided }: { read: ReadAnswer; said: OpinionAnswer; decided: readonly Decided[] },
): z.input<(typeof ModelRoundCompleted)['schema']> {
  const count = (as: Decided['as']): number => decided.filter((one) => one.as === as).length
  const uses = [...read.uses, ...said.opinions.flatMap((one) => one.uses)]
  const cost = shareOf([read.costUsd, said.costUsd], 1)
  return {
    sessionDate,
    at: clock.now(),
    posts: {
      asked: read.readings.length + read.rejected.length,
      read: read.readings.length,
      rejected: tallyOf(read.rejected.map(({ fault }) => fault)),
    },
    opinions: {
      asked: decided.length,
      accepted: said.opinions.length,
      rejected: tallyOf(said.rejected.map(({ fault }) => fault)),
      none: count('none'),
      weak: count('weak'),
      byRules: count('byRules'),
    },
    rejections: [
      ...read.rejected.map(({ symbol, fault }) => ({ symbol, part: 'reader' as const, fault })),
      ...said.rejected,
    ].slice(0, maximumRejectionsNamed),
    uses: uses.filter(
      (use, index) => uses.findIndex((one) => one.part === use.part && one.model === use.model) === index,
    ),
    ...(cost === undefined ? {} : { costUsd: cost }),
  }
}
