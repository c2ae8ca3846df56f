import { SwarmError } from '@tradeswarm/core'
import { z } from 'zod'
import { decimal } from '../money/decimal.js'

const fraction = z.number().gt(0).lte(1)
const amount = z.string().refine(isAmount, 'must be a decimal text of 0 or more, such as "1.50"')

const riskPolicySchema = z.strictObject({
  /** Largest position in one symbol, open entries included, as a fraction of equity. */
  maxPositionFraction: fraction.default(0.1),
  maxOpenPositions: z.int().min(1).max(10_000).default(10),
  /** Largest single order, as a fraction of equity. */
  maxOrderFraction: fraction.default(0.1),
  /** Largest exposure to one symbol, long and short added up. */
  maxSymbolExposureFraction: fraction.default(0.25),
  /** Largest exposure to symbols that move together. */
  maxCorrelatedExposureFraction: fraction.default(0.5),
  /** Symbols move together when their daily returns correlate above this… */
  correlationThreshold: z.number().min(0).max(1).default(0.7),
  /** …over so many sessions. With fewer returns they count as moving together. */
  correlationSessions: z.int().min(20).max(250).default(60),
  /** A fall of equity from its peak beyond this sets `reducing` until an operator resumes. */
  maxDrawdownFraction: fraction.default(0.15),
  /** A fall of equity since the start of the session's day beyond this sets `reducing` until the next one. */
  maxDailyLossFraction: fraction.default(0.02),
  /** No new entries for so long after a position was closed at a loss. */
  cooldownAfterLossMs: z
    .int()
    .min(0)
    .default(30 * 60_000),
  minimumPrice: amount.default('1'),
  /** Units a session, over `averageVolumeSessions`. */
  minimumAverageVolume: amount.default('100000'),
  averageVolumeSessions: z.int().min(1).max(250).default(20),
  /** An entry's price may lie so far off the last trade. */
  priceCollarFraction: fraction.default(0.05),
  /** Age of the last price. Unset: the last bar must be that of the last closed session, which suits daily data. */
  maximumQuoteAgeMs: z.int().min(1).exactOptional(),
  permitLifetimeMs: z.int().min(1).max(300_000).default(5_000),
  allowShorts: z.boolean().default(false),
  requireProtectiveStop: z.boolean().default(true),
  /** Distance to the target over distance to the stop. Unset: not asked for. */
  minimumRiskReward: z.number().gt(0).exactOptional(),
  /** Moves of the whole book, each to cost at most `maxStressLossFraction` of equity. */
  stressShocks: z.array(z.number().gte(-1).lt(0)).max(20).default([-0.1, -0.12, -0.16]),
  maxStressLossFraction: fraction.default(0.12),
  /** A finding warns from this share of a limit on. */
  warnAt: fraction.default(0.8),
  /** What a market or stop order reserves above its reference price. */
  reservationBufferFraction: z.number().min(0).max(1).default(0.05),
  /** The highest fee a venue may take, as a fraction of what is traded, and at least so much an order. */
  highestFeeFraction: z.number().min(0).max(0.1).default(0.002),
  highestFeeMinimum: amount.default('1'),
  /** A position may be without an acknowledged exit for so long before that raises an alert. */
  protectMs: z.int().min(0).max(600_000).default(5_000),
})

/** The limits of the risk authority. Fractions are fractions: 0.1 is ten per cent. Amounts are decimal texts. */
export type RiskPolicy = Readonly<z.infer<typeof riskPolicySchema>>

/** What a user states of a policy; the rest takes its default. */
export type RiskPolicyInput = Readonly<z.input<typeof riskPolicySchema>>

/** A policy with its defaults filled in. Throws `INVALID_RISK_POLICY`, naming the limit, the value and what it may be. */
export function riskPolicy(input: RiskPolicyInput = {}): RiskPolicy {
  const parsed = riskPolicySchema.safeParse(input)
  if (parsed.success) return Object.freeze(parsed.data)
  const issue = parsed.error.issues[0]
  const field = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : (issue?.path.join('.') ?? '')
  const value = (input as Readonly<Record<string, unknown>>)[field.split('.')[0] ?? '']
  throw new SwarmError({
    code: 'INVALID_RISK_POLICY',
    message: `risk policy: ${field} = ${JSON.stringify(value)}: ${issue?.message ?? 'not valid'}`,
    context: { field },
  })
}

function isAmount(text: string): boolean {
  try {
    return !decimal(text).isNegative()
  } catch {
    return false
  }
}
