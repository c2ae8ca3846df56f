import { Agent, type HandlerContext, type PayloadOf } from '@tradeswarm/core'
import { decimal, decimalText, positionResult, toFloat } from '@tradeswarm/trading'
import { z } from 'zod'
import { OutcomeRecorded, ParametersAdjusted, RecommendationIssued } from '../messages/decision-topics.js'
import { PositionClosed } from '../messages/kernel-topics.js'
import { addOutcome, adjustParameters, emptyStatistics, type OutcomeStatistics } from './outcome-statistics.js'

type Context = HandlerContext<typeof Learning>
type Recommendation = PayloadOf<typeof RecommendationIssued>
type Remembered = Pick<Recommendation, 'symbol' | 'setup' | 'reasons'> & { readonly at: number }

/**
 * Pairs each closed position with the recommendation behind it and the factors that spoke for it, keeps statistics
 * by factor, setup and symbol, and asks the Analyst to trust each as much as it has earned.
 * It learns of an outcome when the position is closed, never before.
 */
export class Learning extends Agent<typeof Learning> {
  static readonly role: string = 'learning'
  static readonly capabilities = ['learning']
  static readonly publishes = [OutcomeRecorded, ParametersAdjusted]
  static readonly config = z.strictObject({
    /** New parameters are published after so many outcomes. */
    everyOutcomes: z.int().min(1).default(5),
    /** Recommendations remembered; the oldest go, and positions that they led to teach nothing. */
    maximumRemembered: z.int().min(1).default(10_000),
    /** Outcomes that a prior of an even chance counts for: the more, the slower it learns. */
    priorOutcomes: z.number().gt(0).default(20),
  })

  protected override onStart(): void {
    this.subscribe(RecommendationIssued, (recommendation, context) => this.#remember(recommendation, context))
    this.subscribe(PositionClosed, (position, context) => this.#learn(position, context))
  }

  #remember({ direction, symbol, setup, reasons }: Recommendation, context: Context): void {
    if (direction !== 'enter-long' || context.message === undefined) return
    const id = context.message.id
    const order = context.state.get<readonly string[]>('order') ?? []
    const forgotten = order.length >= this.config.maximumRemembered ? order[0] : undefined
    if (forgotten !== undefined) context.state.delete(`recommendation/${forgotten}`)
    context.state.set('order', [...order.slice(forgotten === undefined ? 0 : 1), id])
    context.state.set(`recommendation/${id}`, { symbol, setup, reasons, at: context.clock.now() } satisfies Remembered)
  }

  async #learn(position: PayloadOf<typeof PositionClosed>, context: Context): Promise<void> {
    const remembered = context.state.get<Remembered>(`recommendation/${position.causationId}`)
    if (remembered === undefined) return
    const result = positionResult(position)
    const cost = toFloat(decimal(position.entryPrice)) * toFloat(decimal(position.quantity))
    const outcome = {
      positionId: position.positionId,
      symbol: position.symbol,
      setup: remembered.setup,
      exitReason: position.exitReason,
      result: decimalText(result),
      returnFraction: cost > 0 ? toFloat(result) / cost : 0,
      isWin: result.gt(decimal('0')),
      heldMs: position.closedAt - position.openedAt,
      recommendationId: position.causationId,
      factors: [...remembered.reasons],
    }
    await context.publish(OutcomeRecorded, outcome)
    const statistics = addOutcome(context.state.get<OutcomeStatistics>('statistics') ?? emptyStatistics, outcome)
    context.state.set('statistics', statistics)
    if (statistics.outcomes % this.config.everyOutcomes !== 0) return
    const version = (context.state.get<number>('version') ?? 0) + 1
    context.state.set('version', version)
    const parameters = adjustParameters(statistics, version, this.config.priorOutcomes)
    await context.publish(ParametersAdjusted, { parameters, outcomes: statistics.outcomes, at: context.clock.now() })
  }
}
