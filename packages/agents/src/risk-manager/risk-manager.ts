import { Agent, type HandlerContext } from '@tradeswarm/core'
import { z } from 'zod'
import {
  AssessInKernel,
  AssessRisk,
  GetPortfolio,
  RiskReported,
  TradingStateChanged,
} from '../messages/kernel-topics.js'
import { MarketSession } from '../messages/market-topics.js'
import { agentNotAuthorized } from './agent-not-authorized.js'

type Context = HandlerContext<typeof RiskManager>
type Portfolio = PayloadOfPortfolio['portfolio']
type PayloadOfPortfolio = z.output<typeof GetPortfolio.output>

/**
 * Governs the risk authority: nobody else answers `risk.assess` or may ask `kernel.assess`, no agent gets a permit in the name of
 * another, and it reports at each close how the account stands.
 * The limits, reservations and halts themselves are the kernel's, so exits go on when this agent is paused or dead;
 * entries do not.
 */
export class RiskManager extends Agent<typeof RiskManager> {
  static readonly role: string = 'risk-manager'
  static readonly capabilities = ['risk']
  static readonly publishes = [RiskReported]
  static readonly requests = [AssessInKernel, GetPortfolio]
  static readonly responds = [AssessRisk]
  static readonly config = z.object({ symbols: z.array(z.string()).default([]) })

  /** The account that trades a symbol never changes, so that one question for each account is enough. */
  readonly #accounts = new Map<string, string>()

  protected override onStart(): void {
    this.respond(AssessRisk, async (intent, context) => {
      if (intent.agent !== context.caller)
        return { status: 'denied', intentId: intent.intentId, findings: [agentNotAuthorized(intent, context.caller)] }
      const assessment = await context.request(AssessInKernel, intent)
      const warnings = assessment.status === 'permitted' ? assessment.warnings : []
      if (warnings.length > 0)
        this.logger.info('an order is near a limit', {
          symbol: intent.symbol,
          codes: warnings.map((warning) => warning.code),
        })
      return assessment
    })
    this.subscribe(MarketSession, async (session, context) => {
      if (session.phase === 'close') await this.#report(context)
    })
    this.subscribe(TradingStateChanged, ({ state, reason }) =>
      this.logger.warn('the trading state has changed', { state, reason }),
    )
  }

  async #report(context: Context): Promise<void> {
    const reported = new Set<string>()
    for (const symbol of this.config.symbols) {
      if (reported.has(this.#accounts.get(symbol) ?? '')) continue
      const { account, portfolio, tradingState } = await context.request(GetPortfolio, { symbol })
      this.#accounts.set(symbol, account)
      if (reported.has(account)) continue
      reported.add(account)
      await context.publish(RiskReported, {
        account,
        time: context.clock.now(),
        tradingState,
        positions: portfolio.positions.length,
        unpriceable: portfolio.positions
          .filter((position) => position.marketValue === undefined)
          .map((position) => position.symbol),
        warnings: tradingState === 'active' ? [] : [`trading is ${tradingState}`],
        ...(portfolio.equity === undefined
          ? {}
          : { equity: portfolio.equity, ...this.#fractions(account, portfolio, portfolio.equity, context) }),
      })
    }
  }

  /** Floats, for reading only: the limits are held by the kernel on exact amounts. */
  #fractions(
    account: string,
    portfolio: Portfolio,
    equityText: string,
    context: Context,
  ): { grossExposureFraction: number; drawdownFraction: number } {
    const equity = Number(equityText)
    const peak = Math.max(equity, context.state.get<number>(`peak/${account}`) ?? 0)
    context.state.set(`peak/${account}`, peak)
    const rateOf = (currency: string | undefined) =>
      currency === undefined ? 1 : Number(portfolio.rates?.[currency] ?? 0)
    const gross = portfolio.positions.reduce(
      (sum, { notional, marketValue, currency }) =>
        sum + Math.abs(Number(notional ?? marketValue ?? 0)) * rateOf(currency),
      0,
    )
    return {
      grossExposureFraction: equity > 0 ? gross / equity : 0,
      drawdownFraction: peak > 0 ? 1 - equity / peak : 0,
    }
  }
}
