import { SwarmError, shown } from '@tradeswarm/core'
import { converted } from '../ledger/ledger-valuation.js'
import { type Decimal, decimal, decimalText } from '../money/decimal.js'
import type { MitigationOptions, Mitigations } from '../risk/portfolio/mitigation.js'
import type { PortfolioLimits } from '../risk/portfolio/portfolio-limits.js'
import { preparePortfolioRisk } from '../risk/portfolio/prepare-portfolio-risk.js'
import { proposeMitigations } from '../risk/portfolio/propose-mitigations.js'
import type { RiskBook } from '../risk/portfolio/risk-book.js'
import { type ProposedOrder, type ScenarioReport, scenarioReport } from '../risk/portfolio/scenario-report.js'
import type { StressScenario } from '../risk/portfolio/stress-scenario.js'
import { required } from '../risk/risk-context.js'
import type { RiskPolicy } from '../risk/risk-policy.js'
import { rateOf } from './currency-rate.js'
import { equityOf, type KernelRuntime } from './kernel-runtime.js'

/** An order to look at: at the last price, where none is given. Amounts are decimal texts. */
export type OrderToConsider = Omit<ProposedOrder, 'price'> & { readonly price?: string }

/** What may serve against a limit besides giving up what is held. */
export type MitigationWishes = Pick<MitigationOptions, 'hedges' | 'includeNear' | 'maximumOrders'>

/**
 * The account's portfolio before and after an order, against the limits of its policy. Nothing is booked. Throws `INSTRUMENT_NOT_FOUND`, and
 * `RISK_VALUE_MISSING` where a price is missing.
 */
export function scenariosOf(runtime: KernelRuntime, order: OrderToConsider): ScenarioReport {
  assertTraded(runtime, 'scenarios: symbol', order.symbol)
  const stated = order.price === undefined ? priceOf(runtime, order.symbol) : decimal(order.price, 'price')
  const price = decimalText(unitWorth(runtime, order.symbol, stated))
  const { policy } = runtime.state.risk
  return scenarioReport(bookOf(runtime, [order.symbol]), { order: { ...order, price }, limits: limitsOf(policy) })
}

/** Ways back under the limits of the policy that the account's portfolio has passed. Nothing is ordered. Throws where a price is missing. */
export function mitigationsOf(runtime: KernelRuntime, wishes: MitigationWishes = {}): Mitigations {
  const { policy } = runtime.state.risk
  for (const [index, hedge] of (wishes.hedges ?? []).entries())
    assertTraded(runtime, `mitigations: hedges[${index}]`, hedge)
  const hedges = wishes.hedges ?? (policy.betaBenchmark === undefined ? [] : [policy.betaBenchmark])
  const held = runtime.state.ledger.positions().map(({ symbol }) => symbol)
  const tradable = hedges.filter((symbol) => runtime.broker?.instrument(symbol)?.kind !== 'index')
  const instruments = [...new Set([...held, ...tradable])].map((symbol) => ({
    symbol,
    price: decimalText(unitWorth(runtime, symbol, priceOf(runtime, symbol))),
    lotSize: required(runtime.broker?.instrument(symbol), `the instrument ${symbol}`).lotSize,
    held: runtime.state.ledger.quantity(symbol),
  }))
  return proposeMitigations(bookOf(runtime, hedges), {
    ...wishes,
    hedges: tradable,
    limits: limitsOf(policy),
    instruments,
    allowShorts: policy.allowShorts,
  })
}

function assertTraded({ broker, state }: KernelRuntime, option: string, symbol: string): void {
  if (broker === undefined || broker.instrument(symbol) !== undefined) return
  throw new SwarmError({
    code: 'INSTRUMENT_NOT_FOUND',
    message: `${option} is ${shown(symbol)}, which the venue of account ${state.account} does not trade`,
    context: { symbol },
  })
}

/** What is held, at the last prices; orders that rest are not in it. */
function bookOf(runtime: KernelRuntime, further: readonly string[]): RiskBook {
  const { market, state } = runtime
  const { policy } = state.risk
  const positions = new Map<string, Decimal>()
  for (const { symbol } of state.ledger.positions())
    positions.set(symbol, state.ledger.units(symbol).times(unitWorth(runtime, symbol, priceOf(runtime, symbol))))
  const scenarios: readonly StressScenario[] = policy.stressShocks.map((shock) => ({
    name: `everything ${shock}`,
    kind: 'uniform',
    shock,
  }))
  const risk = preparePortfolioRisk({
    returns: market.returns,
    symbols: [...new Set([...positions.keys(), ...further])],
    correlationThreshold: policy.correlationThreshold,
    scenarios,
    ...(policy.betaBenchmark === undefined ? {} : { benchmark: policy.betaBenchmark }),
    ...(policy.valueAtRiskSessions === undefined ? {} : { window: policy.valueAtRiskSessions }),
  })
  return risk.openBook({ equity: required(equityOf(runtime), 'the worth of all positions'), positions })
}

function priceOf({ market }: KernelRuntime, symbol: string): Decimal {
  return required(market.last(symbol), `the price of ${symbol}`).price
}

/** What one unit stands for at a price, in the account's currency. Throws where there is no rate. */
function unitWorth(runtime: KernelRuntime, symbol: string, price: Decimal): Decimal {
  const instrument = runtime.broker?.instrument(symbol)
  if (instrument === undefined) return price
  const { multiplier, currency } = instrument
  const worth = multiplier === undefined ? price : price.times(decimal(multiplier))
  if (currency === runtime.state.currency) return worth
  return converted(worth, required(rateOf(runtime, currency), `the rate of ${currency}`))
}

function limitsOf(policy: RiskPolicy): PortfolioLimits {
  const { maxGrossExposureFraction, maxNetExposureFraction, maxBeta } = policy
  const { maxValueAtRiskFraction, maxConditionalValueAtRiskFraction, valueAtRiskConfidence } = policy
  return {
    maxSymbolExposureFraction: policy.maxSymbolExposureFraction,
    maxCorrelatedExposureFraction: policy.maxCorrelatedExposureFraction,
    maxStressLossFraction: policy.maxStressLossFraction,
    warnAt: policy.warnAt,
    ...(maxGrossExposureFraction === undefined ? {} : { maxGrossExposureFraction }),
    ...(maxNetExposureFraction === undefined ? {} : { maxNetExposureFraction }),
    ...(maxBeta === undefined ? {} : { maxBeta }),
    ...(maxValueAtRiskFraction === undefined ? {} : { maxVaRFraction: maxValueAtRiskFraction }),
    ...(maxConditionalValueAtRiskFraction === undefined ? {} : { maxCVaRFraction: maxConditionalValueAtRiskFraction }),
    ...(valueAtRiskConfidence === undefined ? {} : { confidence: valueAtRiskConfidence }),
  }
}
