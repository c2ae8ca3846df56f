import { Agent, type HandlerContext, messageOf, type PayloadOf, SwarmError } from '@tradeswarm/core'
import type { OrderIntent, RiskFinding } from '@tradeswarm/trading'
import { IntentDenied, IntentFormed, RecommendationIssued, RecommendationPassed } from '../messages/decision-topics.js'
import { AssessRisk, GetPortfolio, OrderFilled, SubmitOrder } from '../messages/kernel-topics.js'
import { entryIntent, exitIntent, sellable } from './form-intent.js'
import { traderConfig } from './trader-config.js'

type Context = HandlerContext<typeof Trader>
type Recommendation = PayloadOf<typeof RecommendationIssued>

/**
 * Turns recommendations into sized intents, asks the Risk Manager for a permit and hands both to the order manager.
 * It holds no broker: an intent without a permit goes nowhere. Exits of what it bought are kept by the kernel, not by it.
 */
export class Trader extends Agent<typeof Trader> {
  static readonly role: string = 'trader'
  static readonly capabilities = ['execution']
  static readonly publishes = [IntentFormed, IntentDenied, RecommendationPassed]
  static readonly requests = [AssessRisk, GetPortfolio, SubmitOrder]
  static readonly config = traderConfig

  protected override onStart(): void {
    this.subscribe(RecommendationIssued, (recommendation, context) => this.#act(recommendation, context))
    this.subscribe(OrderFilled, (fill, context) => {
      if (fill.side === 'buy') context.state.delete(`asked/${fill.symbol}`)
    })
  }

  async #act(recommendation: Recommendation, context: Context): Promise<void> {
    const { symbol } = recommendation
    const waitedMs = context.clock.now() - (context.message?.time ?? 0)
    if (waitedMs > this.config.maximumLagMs) return this.#pass(recommendation, 'stale', context)
    const { account, portfolio, instrument, maxPositionFraction } = await context.request(GetPortfolio, { symbol })
    const position = portfolio.positions.find((each) => each.symbol === symbol)
    const held = position === undefined ? undefined : sellable(position.quantity, instrument)
    const basis = {
      recommendation,
      recommendationId: context.message?.id ?? '',
      correlationId: context.correlationId,
      account,
      agent: this.id,
      decidedAt: context.clock.now(),
      instrument,
      config: this.config,
    }
    if (recommendation.direction === 'exit-long') {
      if (held === undefined) return this.#pass(recommendation, 'nothing-to-exit', context)
      return this.#ask(
        exitIntent(basis, held),
        { equity: portfolio.equity ?? '0', riskFraction: 0, limitedBy: 'position' },
        context,
      )
    }
    const reason =
      held !== undefined ? 'already-held' : this.#slotTaken(recommendation, portfolio.positions.length, context)
    if (reason !== undefined) return this.#pass(recommendation, reason, context)
    const formed = entryIntent(basis, portfolio, maxPositionFraction)
    if (formed.status === 'none') return this.#pass(recommendation, formed.reason, context)
    context.state.set(`asked/${symbol}`, recommendation.sessionDate)
    return this.#ask(
      formed.intent,
      { equity: portfolio.equity ?? '0', riskFraction: this.config.riskFraction, limitedBy: formed.limitedBy },
      context,
    )
  }

  /** Entries asked for in this session and not filled yet take up room too; those of earlier sessions have expired. */
  #slotTaken({ symbol, sessionDate }: Recommendation, held: number, context: Context): string | undefined {
    const asked = context.state.keys('asked/').filter((key) => context.state.get(key) === sessionDate)
    if (asked.includes(`asked/${symbol}`)) return 'already-asked'
    return held + asked.length >= this.config.maximumPositions ? 'no-room' : undefined
  }

  async #pass({ symbol }: Recommendation, reason: string, context: Context): Promise<void> {
    await context.publish(RecommendationPassed, { symbol, recommendationId: context.message?.id ?? '', reason })
  }

  async #ask(intent: OrderIntent, sizing: PayloadOf<typeof IntentFormed>['sizing'], context: Context): Promise<void> {
    await context.publish(IntentFormed, { intent, sizing })
    const deny = async (stage: 'assess' | 'submit', findings: readonly RiskFinding[]): Promise<void> => {
      context.state.delete(`asked/${intent.symbol}`)
      await context.publish(IntentDenied, {
        intentId: intent.intentId,
        symbol: intent.symbol,
        stage,
        findings: [...findings],
      })
    }
    const assessment = await context.request(AssessRisk, intent).catch(unavailable)
    if (assessment.status === 'denied') return deny('assess', assessment.findings)
    const result = await context.request(SubmitOrder, { intent, permitId: assessment.permitId })
    if (result.status === 'refused') return deny('submit', result.findings)
  }
}

/** Nobody to ask means no: without the Risk Manager nothing is entered. */
function unavailable(error: unknown): { readonly status: 'denied'; readonly findings: readonly RiskFinding[] } {
  if (!SwarmError.isInstance(error) || error.retryability === 'fatal') throw error
  return { status: 'denied', findings: [{ code: 'RISK_UNAVAILABLE', message: messageOf(error) }] }
}
