import { z } from 'zod'

/** A decimal text such as `-12.50`. */
export const amountText = z.string().regex(/^-?\d{1,30}(\.\d{1,30})?$/, 'is not a plain decimal number such as "12.50"')
export const fraction = z.number().min(0).max(1)
export const score = z.number().min(-1).max(1)
export const epochMs = z.int()
export const sessionDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'is not a date such as "2014-01-31"')
export const symbol = z.string().min(1).max(32)
export const side = z.enum(['buy', 'sell'])

const exitPlan = z.strictObject({
  stopPrice: amountText,
  targetPrice: amountText,
  maximumSessions: z.int().min(1),
  trailAmount: amountText.exactOptional(),
  trailFraction: amountText.exactOptional(),
  breakEvenPrice: amountText.exactOptional(),
})

const contingency = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('one-cancels-other'), group: z.string() }),
  z.strictObject({ type: z.literal('one-triggers-other'), intentId: z.string() }),
])

const urgency = z.enum(['low', 'normal', 'high'])

/** How an entry is worked in parts; bounds as the kernel's. */
export const executionPlan = z.discriminatedUnion('style', [
  z.strictObject({ style: z.literal('now') }),
  z.strictObject({ style: z.literal('passive'), maximumMoves: z.int().min(0).max(1_000) }),
  z.strictObject({
    style: z.literal('twap'),
    slices: z.int().min(1).max(1_000),
    startAt: epochMs.exactOptional(),
    urgency: urgency.exactOptional(),
  }),
  z.strictObject({
    style: z.literal('participation'),
    maximumVolumeFraction: z.number().min(1e-6).max(1),
    startAt: epochMs.exactOptional(),
    urgency: urgency.exactOptional(),
  }),
])

export const orderIntent = z.strictObject({
  intentId: z.string(),
  account: z.string(),
  agent: z.string(),
  strategy: z.string(),
  symbol,
  side,
  type: z.enum(['market', 'limit', 'stop', 'stop-limit', 'trailing-stop']),
  quantity: amountText,
  sizedIn: z.literal('quote').exactOptional(),
  limitPrice: amountText.exactOptional(),
  stopPrice: amountText.exactOptional(),
  trailAmount: amountText.exactOptional(),
  trailFraction: amountText.exactOptional(),
  timeInForce: z.enum(['day', 'gtc', 'gtd', 'ioc', 'fok', 'at-open', 'at-close']),
  expiresAt: epochMs.exactOptional(),
  postOnly: z.literal(true).exactOptional(),
  reduceOnly: z.literal(true).exactOptional(),
  exits: exitPlan.exactOptional(),
  contingency: contingency.exactOptional(),
  execution: executionPlan.exactOptional(),
  decidedAt: epochMs,
  causationId: z.string(),
  correlationId: z.string(),
})

export const riskFinding = z.object({
  code: z.string(),
  value: z.string().exactOptional(),
  limit: z.string().exactOptional(),
  message: z.string(),
})

export const assessment = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('permitted'),
    intentId: z.string(),
    permitId: z.string(),
    expiresAt: epochMs,
    warnings: z.array(riskFinding),
  }),
  z.object({
    status: z.literal('denied'),
    intentId: z.string(),
    findings: z.array(riskFinding),
    approval: z.object({ token: z.string(), expiresAt: epochMs }).exactOptional(),
  }),
])

export const submitResult = z.discriminatedUnion('status', [
  z.object({ status: z.literal('submitted'), orderId: z.string() }),
  z.object({ status: z.literal('refused'), findings: z.array(riskFinding) }),
])

const cashView = z.object({ total: amountText, free: amountText, locked: amountText })

export const portfolioView = z.object({
  time: epochMs,
  currency: z.string(),
  equity: amountText.exactOptional(),
  cash: z.record(z.string(), cashView),
  positions: z.array(
    z.object({
      symbol,
      currency: z.string().exactOptional(),
      multiplier: amountText.exactOptional(),
      settlement: z.literal('margin').exactOptional(),
      quantity: amountText,
      averagePrice: amountText,
      openCost: amountText,
      marketPrice: amountText.exactOptional(),
      marketValue: amountText.exactOptional(),
      notional: amountText.exactOptional(),
      openedAt: epochMs,
    }),
  ),
  realised: amountText,
  fees: amountText,
  income: amountText,
  netDeposits: amountText,
  currencies: z
    .record(
      z.string(),
      z.object({ realised: amountText, fees: amountText, income: amountText, netDeposits: amountText }),
    )
    .exactOptional(),
  rates: z.record(z.string(), amountText).exactOptional(),
  profit: z
    .object({ realised: amountText, unrealised: amountText, fees: amountText, income: amountText, net: amountText })
    .exactOptional(),
})

export const tradingState = z.enum(['active', 'reducing', 'halted'])

/** A part of an account that a halt holds for. */
export const haltScope = z.union([
  z.strictObject({ venue: z.string() }),
  z.strictObject({ strategy: z.string() }),
  z.strictObject({ agent: z.string() }),
])

export const closedPosition = z.object({
  positionId: z.string(),
  symbol,
  currency: z.string().exactOptional(),
  side: z.enum(['long', 'short']),
  quantity: amountText,
  entryPrice: amountText,
  exitPrice: amountText,
  realised: amountText,
  fees: amountText,
  income: amountText,
  openedAt: epochMs,
  closedAt: epochMs,
  exitReason: z.enum(['stop', 'target', 'time', 'intent', 'flatten']),
  /** Crosses by which units of it changed hands within the account. */
  crossIds: z.array(z.string()).readonly().exactOptional(),
  intentId: z.string(),
  causationId: z.string(),
  correlationId: z.string(),
})
