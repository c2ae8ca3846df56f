import { defineRequest, defineTopic, wellFormed } from '@tradeswarm/core'
import { instrumentKinds } from '@tradeswarm/trading'
import { z } from 'zod'
import {
  amountText,
  assessment,
  closedPosition,
  epochMs,
  haltScope,
  orderIntent,
  portfolioView,
  side,
  submitResult,
  symbol,
  tradingState,
} from './shapes.js'

const maximumReasonLength = 1_000

/**
 * Longer than a venue may keep the order manager waiting (`venueTimeoutMs`, 10 s), so that whoever asks hears what came of it, and shorter
 * than a handler may take (`handlerTimeoutMs`, 30 s).
 */
const venueAnswersMs = 25_000

/** Asks the Risk Manager for leave to order, for the agent that asks and no other. Only it may answer. */
export const AssessRisk = defineRequest('risk.assess', { input: orderIntent, output: assessment, idempotent: true })

/** The Risk Manager's way to the risk authority, and nobody else's: without it nothing is entered. */
export const AssessInKernel = defineRequest('kernel.assess', {
  input: orderIntent,
  output: assessment,
  idempotent: true,
  callers: ['risk-manager'],
})

/**
 * Hands an intent with its permit to the order manager. The intent's `agent` is the one that asks, else it is refused with `AGENT_NOT_AUTHORIZED`.
 * One that is not answered in time (`REQUEST_TIMED_OUT`) may have been carried out: ask again with the same `intentId`, which is never ordered
 * twice, or wait for `OrderUpdated`. A new intent would be a second order.
 */
export const SubmitOrder = defineRequest('order.submit', {
  input: z.object({ intent: orderIntent, permitId: z.string() }),
  output: submitResult,
  idempotent: true,
  timeoutMs: venueAnswersMs,
})

/** Books, positions and trading state of the account that trades a symbol. */
export const GetPortfolio = defineRequest('portfolio.get', {
  input: z.object({ symbol }),
  output: z.object({
    account: z.string(),
    portfolio: portfolioView,
    tradingState,
    instrument: z.object({
      symbol,
      kind: z.enum(instrumentKinds),
      asset: z.string(),
      currency: z.string(),
      tickSize: amountText,
      lotSize: amountText,
      minimumNotional: amountText,
      multiplier: amountText.exactOptional(),
      contractType: z.enum(['linear', 'inverse']).exactOptional(),
      calendar: z.enum(['us-equity', 'always-open']),
    }),
    maxPositionFraction: z.number(),
  }),
  idempotent: true,
})

/** The Risk Manager stops entries until an operator resumes. Exits go on; `halted` is for operators and the kill switch. */
export const HaltTrading = defineRequest('trading.halt', {
  input: z.object({
    account: z.string(),
    state: z.literal('reducing'),
    reason: z.string().min(1).max(maximumReasonLength).transform(wellFormed),
    /** Absent for the whole account. */
    scope: haltScope.exactOptional(),
  }),
  output: z.object({ state: tradingState }),
  idempotent: true,
  callers: ['risk-manager'],
  timeoutMs: venueAnswersMs,
})

const chain = { correlationId: z.string(), causationId: z.string() }

/** An order has moved on. The order's own record is in the journal as well; this is for watching. */
export const OrderUpdated = defineTopic('order.updated', {
  schema: z.object({
    account: z.string(),
    orderId: z.string(),
    intentId: z.string(),
    symbol,
    side,
    purpose: z.string(),
    /** Of a part of an order that is worked: the order that it is part of. */
    parentOrderId: z.string().exactOptional(),
    status: z.string(),
    filledQuantity: amountText,
    /** Of one that the venue has rejected. */
    rejection: z.object({ code: z.string(), message: z.string() }).exactOptional(),
    time: epochMs,
    ...chain,
  }),
  delivery: 'ephemeral',
  key: (order) => order.symbol,
})

/** An execution is in the books. */
export const OrderFilled = defineTopic('order.filled', {
  schema: z.object({
    account: z.string(),
    orderId: z.string(),
    intentId: z.string(),
    tradeId: z.string(),
    symbol,
    side,
    quantity: amountText,
    price: amountText,
    fee: amountText,
    /** It was crossed with an order of another agent within the account, not at the venue. */
    cross: z
      .object({
        crossId: z.string(),
        orderId: z.string(),
        intentId: z.string(),
        agent: z.string(),
        strategy: z.string(),
      })
      .exactOptional(),
    time: epochMs,
    ...chain,
  }),
  delivery: 'durable',
  priority: 'high',
  key: (fill) => fill.symbol,
})

/** A position is flat again. */
export const PositionClosed = defineTopic('position.closed', {
  schema: closedPosition.extend({ account: z.string() }),
  delivery: 'durable',
  priority: 'high',
  key: (position) => position.symbol,
})

/** Trading was restricted or freed. */
export const TradingStateChanged = defineTopic('trading.state-changed', {
  schema: z.object({
    account: z.string(),
    state: tradingState,
    reason: z.string(),
    time: epochMs,
    /** Absent for the whole account. */
    scope: haltScope.exactOptional(),
  }),
  delivery: 'durable',
  priority: 'critical',
})

/** Something a person should look at. */
export const AlertRaised = defineTopic('alert.raised', {
  schema: z.object({
    account: z.string(),
    code: z.string(),
    message: z.string(),
    symbol: symbol.exactOptional(),
    time: epochMs,
  }),
  delivery: 'durable',
  priority: 'critical',
})

/** The Risk Manager's view of an account at the close of a session. */
export const RiskReported = defineTopic('risk.reported', {
  schema: z.object({
    account: z.string(),
    time: epochMs,
    tradingState,
    equity: amountText.exactOptional(),
    grossExposureFraction: z.number().exactOptional(),
    drawdownFraction: z.number().exactOptional(),
    positions: z.int().min(0),
    unpriceable: z.array(symbol),
    warnings: z.array(z.string()),
  }),
  delivery: 'durable',
  publishers: ['risk-manager'],
})
