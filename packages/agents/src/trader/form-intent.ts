import type { PayloadOf } from '@tradeswarm/core'
import {
  decimal,
  decimalText,
  fromFloat,
  type Instrument,
  type OrderIntent,
  one,
  type PortfolioView,
  roundToStep,
  sizeByRisk,
  zero,
} from '@tradeswarm/trading'
import type { RecommendationIssued } from '../messages/decision-topics.js'
import type { TraderConfig } from './trader-config.js'

export type IntentBasis = {
  readonly recommendation: PayloadOf<typeof RecommendationIssued>
  readonly recommendationId: string
  readonly correlationId: string
  readonly account: string
  readonly agent: string
  readonly decidedAt: number
  readonly instrument: Instrument
  readonly config: TraderConfig
}

export type FormedIntent =
  | { readonly status: 'formed'; readonly intent: OrderIntent; readonly limitedBy: string }
  | { readonly status: 'none'; readonly reason: string }

/**
 * A limit order a little above the reference price, so that what it can cost is known before the open; its size puts
 * a fixed fraction of equity at stake between the limit and the stop, within the largest position and the free cash.
 */
export function entryIntent(basis: IntentBasis, portfolio: PortfolioView, maxPositionFraction: number): FormedIntent {
  const { recommendation, instrument, config } = basis
  if (portfolio.equity === undefined) return { status: 'none', reason: 'equity-unknown' }
  const rate = instrument.currency === portfolio.currency ? undefined : portfolio.rates?.[instrument.currency]
  if (rate === undefined && instrument.currency !== portfolio.currency)
    return { status: 'none', reason: 'rate-unknown' }
  const buffer = one.plus(fromFloat(config.entryBufferFraction, 6))
  const limit = roundToStep(decimal(recommendation.entryPrice).times(buffer), decimal(instrument.tickSize), 'up')
  const size = sizeByRisk({
    equity: portfolio.equity,
    riskFraction: config.riskFraction,
    entryPrice: decimalText(limit),
    stopPrice: recommendation.stopPrice,
    lotSize: instrument.lotSize,
    availableCash: portfolio.cash[instrument.currency]?.free ?? '0',
    maximumNotional: decimalText(decimal(portfolio.equity).times(fromFloat(maxPositionFraction, 6))),
    minimumNotional: instrument.minimumNotional,
    cashBufferFraction: config.feeReserveFraction,
    ...(instrument.multiplier === undefined ? {} : { multiplier: instrument.multiplier }),
    ...(rate === undefined ? {} : { rate }),
  })
  if (size.status === 'zero') return { status: 'none', reason: size.code.toLowerCase().replaceAll('_', '-') }
  const intent: OrderIntent = {
    ...common(basis),
    side: 'buy',
    type: 'limit',
    quantity: size.quantity,
    limitPrice: decimalText(limit),
    ...workedBy(basis),
    exits: {
      stopPrice: recommendation.stopPrice,
      targetPrice: recommendation.targetPrice,
      maximumSessions: recommendation.horizonSessions,
    },
  }
  return { status: 'formed', intent, limitedBy: size.boundBy }
}

/** What makes an entry one that the kernel works in parts, where the Trader is to have that. */
function workedBy({ config, decidedAt }: IntentBasis): Partial<OrderIntent> {
  if (config.execution === undefined) return {}
  const { plan, lastsMs } = config.execution
  return { timeInForce: 'gtd', expiresAt: decidedAt + lastsMs, execution: plan }
}

/** How much of a position can be sold: whole lots. A fee that was taken in units leaves less than one, which nobody can sell; undefined where that is all. */
export function sellable(held: string, { lotSize }: Instrument): string | undefined {
  const lots = roundToStep(decimal(held), decimal(lotSize), 'down')
  return lots.gt(zero) ? decimalText(lots) : undefined
}

/** Sells all that can be sold at the next open. */
export function exitIntent(basis: IntentBasis, heldQuantity: string): OrderIntent {
  return { ...common(basis), side: 'sell', type: 'market', quantity: heldQuantity }
}

/** The id follows from the recommendation, so that a handler that runs twice asks for the same thing. */
function common({ recommendation, recommendationId, correlationId, account, agent, decidedAt, config }: IntentBasis) {
  return {
    intentId: `intent-${recommendationId}`,
    account,
    agent,
    strategy: config.strategy,
    symbol: recommendation.symbol,
    timeInForce: 'day',
    decidedAt,
    causationId: recommendationId,
    correlationId,
  } as const
}
