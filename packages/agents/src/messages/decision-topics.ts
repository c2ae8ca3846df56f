import { defineTopic } from '@tradeswarm/core'
import { z } from 'zod'
import { modelBasis } from './model-messages.js'
import { amountText, epochMs, fraction, orderIntent, riskFinding, score, sessionDate, symbol } from './shapes.js'

/** How much a factor counted in a recommendation: weight × confidence × score, before dividing by the sum of weights. */
const reason = z.object({
  factor: z.string(),
  score,
  confidence: fraction,
  weight: z.number().min(0),
  contribution: z.number(),
})

/** What the Analyst thinks of a symbol before a session. */
export const RecommendationIssued = defineTopic('recommendation.issued', {
  schema: z.object({
    symbol,
    sessionDate,
    direction: z.enum(['enter-long', 'exit-long']),
    setup: z.string(),
    score,
    confidence: fraction,
    horizonSessions: z.int().min(1),
    /** The close that it was decided on, and the levels that follow from it, on the instrument's tick. */
    referencePrice: amountText,
    entryPrice: amountText,
    stopPrice: amountText,
    targetPrice: amountText,
    /** (target − entry) / (entry − stop). */
    riskReward: z.number().min(0),
    rank: z.int().min(1),
    reasons: z.array(reason),
    signalMessageId: z.string(),
    parametersVersion: z.int().min(0),
    /** Where the Analyst works with models: what they had to do with it. */
    model: modelBasis.exactOptional(),
  }),
  delivery: 'durable',
  key: (recommendation) => recommendation.symbol,
})

/** The Trader wants this. It is no order yet. */
export const IntentFormed = defineTopic('intent.formed', {
  schema: z.object({
    intent: orderIntent,
    sizing: z.object({ equity: amountText, riskFraction: z.number(), limitedBy: z.string() }),
  }),
  delivery: 'durable',
  key: ({ intent }) => intent.symbol,
})

/** An intent that came to nothing, and why. */
export const IntentDenied = defineTopic('intent.denied', {
  schema: z.object({
    intentId: z.string(),
    symbol,
    stage: z.enum(['assess', 'submit']),
    findings: z.array(riskFinding),
  }),
  delivery: 'durable',
  key: (denial) => denial.symbol,
})

/** A recommendation that the Trader did not act on. */
export const RecommendationPassed = defineTopic('recommendation.passed', {
  schema: z.object({ symbol, recommendationId: z.string(), reason: z.string() }),
  delivery: 'durable',
  key: (passed) => passed.symbol,
})

/** What Learning found out about one closed position. */
export const OutcomeRecorded = defineTopic('outcome.recorded', {
  schema: z.object({
    positionId: z.string(),
    symbol,
    setup: z.string(),
    exitReason: z.string(),
    /** Realised − fees + income (dividends while it was held), in account currency, and as a fraction of what the entry cost. */
    result: amountText,
    returnFraction: z.number(),
    isWin: z.boolean(),
    heldMs: z.int().min(0),
    recommendationId: z.string(),
    factors: z.array(reason),
  }),
  delivery: 'durable',
  publishers: ['learning'],
})

export const parameters = z.object({
  version: z.int().min(0),
  /** Multiplies the weight of a factor; 1 where nothing is known. */
  factorWeights: z.record(z.string(), z.number().min(0).max(2)),
  /** Added to the confidence of a setup, and of a symbol. */
  setupBias: z.record(z.string(), z.number().min(-0.2).max(0.2)),
  symbolBias: z.record(z.string(), z.number().min(-0.2).max(0.2)),
})

/** What Learning has made of the outcomes so far. */
export type Parameters = z.output<typeof parameters>

/** What Learning asks the Analyst to work with from now on. */
export const ParametersAdjusted = defineTopic('parameters.adjusted', {
  schema: z.object({ parameters, outcomes: z.int().min(0), at: epochMs }),
  delivery: 'durable',
  publishers: ['learning'],
})
