import { Agent, type HandlerContext, type PayloadOf } from '@tradeswarm/core'
import { ParametersAdjusted, RecommendationIssued } from '../messages/decision-topics.js'
import { GetPortfolio } from '../messages/kernel-topics.js'
import { MarketBar } from '../messages/market-topics.js'
import { SignalAggregated, SignalRoundCompleted } from '../messages/signal-topics.js'
import { analystConfig } from './analyst-config.js'
import { CaseFile, draftByRules, strengthOf } from './case-file.js'

type Context = HandlerContext<typeof Analyst>

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

  readonly #file = new CaseFile()

  protected override onStart(): void {
    this.subscribe(MarketBar, (bar, context) => this.#file.keepBar(bar, context))
    this.subscribe(ParametersAdjusted, ({ parameters }, context) => this.#file.keepParameters(parameters, context))
    this.subscribe(SignalAggregated, (signal, context) => this.#file.keepSignal(signal, context))
    this.subscribe(SignalRoundCompleted, (round, context) => this.#issue(round, context))
  }

  async #issue(round: PayloadOf<typeof SignalRoundCompleted>, context: Context): Promise<void> {
    const cases = await this.#file.casesOf(round, context, this.config)
    const drafts = cases.flatMap(draftByRules)
    drafts.sort((a, b) => strengthOf(b) - strengthOf(a) || (a.signal.symbol < b.signal.symbol ? -1 : 1))
    for (const [index, { id, correlationId, recommendation }] of drafts.entries()) {
      await context.publish(
        RecommendationIssued,
        { ...recommendation, rank: index + 1 },
        { cause: { id, correlationId } },
      )
    }
  }
}
