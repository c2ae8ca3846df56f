import { nearestName, SwarmError, shown } from '@tradeswarm/core'
import { z } from 'zod'
import { decimal, zero } from '../money/decimal.js'

const fraction = z.number().gt(0).lte(1)
const multiple = z.number().gt(0).lte(1_000)
const amount = z.string().refine(isAmount, 'must be a decimal text of 0 or more, such as "1.50"')

const signedAmount = z.string().refine(isSignedAmount, 'must be a decimal text, such as "-250.00"')
/** Windows and pauses last at most a year. */
const durationMs = z
  .int()
  .min(1)
  .max(366 * 86_400_000)
const symbols = z.array(z.string().min(1).max(32)).max(10_000)
/** So many recent events of a kind are remembered, and so many may be counted. */
const countable = z.int().min(1).max(100)
const within = z.strictObject({ count: countable, windowMs: durationMs })
const afterStreak = z.strictObject({ count: countable, pauseMs: durationMs })
/** A bucket of `burst` tokens, of which one comes back every `intervalMs`. */
const tokenBucket = z.strictObject({ burst: z.int().min(1).max(10_000), intervalMs: z.int().min(1).max(60_000) })

const principalSchema = z.strictObject({
  /** The agent's id; unset: whichever agent. */
  agent: z.string().min(1).exactOptional(),
  /** Unset: whichever strategy. */
  strategy: z.string().min(1).exactOptional(),
  /** What it may enter; unset: every symbol, both sides. */
  symbols: symbols.exactOptional(),
  sides: z.array(z.enum(['buy', 'sell'])).exactOptional(),
  /** What its positions have cost and its open entries set aside may come to. */
  capital: amount.exactOptional(),
  /** What its results, open ones included, may have fallen from the highest that it had realised. */
  maxDrawdown: amount.exactOptional(),
  maxOrderRate: tokenBucket.exactOptional(),
  /** What its models may have cost, in the unit that the kernel's `modelSpend` answers in. */
  modelBudget: amount.exactOptional(),
})

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
  // What follows is left out of the journalled policy unless it is stated, and not asked for unless it says otherwise.
  /** Our clock may differ from the venue's by so much, where the venue has one. Unset: 1,000 ms. */
  maximumClockSkewMs: z.int().min(0).max(600_000).exactOptional(),
  deniedSymbols: symbols.exactOptional(),
  /** Only these may be entered. */
  allowedSymbols: symbols.exactOptional(),
  /** Long and short exposure added up, open entries included. */
  maxGrossExposureFraction: multiple.exactOptional(),
  /** Longs less shorts, or shorts less longs, with the open entries of the order's side. */
  maxNetExposureFraction: multiple.exactOptional(),
  /** Gross exposure over equity. */
  maxLeverage: multiple.exactOptional(),
  /** How many times its margin a contract may stand for: entering one sets its worth / leverage aside. Unset: 1, all of it. */
  contractLeverage: z.number().gte(1).lte(125).exactOptional(),
  /** What each unit of gross exposure ties up of equity, for accounts on margin. */
  initialMarginFraction: fraction.exactOptional(),
  /** Open entries of the account. */
  maxOpenOrders: z.int().min(1).max(100_000).exactOptional(),
  /** Orders that agents are permitted. */
  maxOrderRate: tokenBucket.exactOptional(),
  /** Executions of entries of one strategy on one side of one symbol. */
  maxRepeatedExecutions: within.exactOptional(),
  /** Permitted entries of the same symbol, side and quantity. */
  maxDuplicateOrders: within.exactOptional(),
  /** After so many losses in a row no entries for a while. */
  consecutiveLosses: afterStreak.exactOptional(),
  /** So many positions stopped out at a loss within the window, and no entries until they are out of it. */
  stopLossGuard: within.exactOptional(),
  /** A symbol that was traded so often within the window must have come to at least `minimumResult`. */
  lowProfitSymbol: z
    .strictObject({ trades: countable, windowMs: durationMs, minimumResult: signedAmount })
    .exactOptional(),
  /** After so many rejections of the venue in a row no entries for a while. */
  rejectionStreak: afterStreak.exactOptional(),
  /** With less equity, at most so many day trades within so many sessions (FINRA rule 4210: 25,000 USD, 3 in 5). */
  patternDayTrading: z
    .strictObject({ minimumEquity: amount, maxDayTrades: z.int().min(0).max(100), sessions: z.int().min(1).max(20) })
    .exactOptional(),
  /** Loss of a day that is passed with the probability of 1 − confidence, and the mean loss beyond it. */
  maxValueAtRiskFraction: fraction.exactOptional(),
  maxConditionalValueAtRiskFraction: fraction.exactOptional(),
  /** In per cent, of both; unset: 95. */
  valueAtRiskConfidence: z.literal([95, 99], { error: 'must be 95 or 99, in per cent' }).exactOptional(),
  /** Returns that value at risk and beta look back on; unset: 250. With fewer nobody knows, and entries are denied. */
  valueAtRiskSessions: z.int().min(20).max(2_500).exactOptional(),
  /** The symbol that betas are against; `maxBeta` needs one. */
  betaBenchmark: z.string().min(1).max(32).exactOptional(),
  /** Size of the book's beta to the benchmark, weighted by equity. */
  maxBeta: multiple.exactOptional(),
  /** An entry worth more needs the approval of a person. */
  approvalAboveNotional: amount.exactOptional(),
  approvalAboveFraction: fraction.exactOptional(),
  /** `internal-cross`: an exit of one principal and an entry of another are crossed before the venue. Unset: `off`. */
  netting: z.enum(['off', 'internal-cross']).exactOptional(),
  /** Who may enter, and with how much. Unset: every agent, with all that the account has. All that fit an order bind it. */
  principals: z.array(principalSchema).max(1_000).exactOptional(),
})

/** The limits of the risk authority. Fractions are fractions: 0.1 is ten per cent. Amounts are decimal texts. */
export type RiskPolicy = Readonly<z.infer<typeof riskPolicySchema>>

/** What a user states of a policy; the rest takes its default. */
export type RiskPolicyInput = Readonly<z.input<typeof riskPolicySchema>>

/** A policy with its defaults filled in. Throws `INVALID_RISK_POLICY`, naming the limit, the value and what it may be. */
export function riskPolicy(input: RiskPolicyInput = {}): RiskPolicy {
  const parsed = riskPolicySchema.safeParse(input)
  if (parsed.success) return Object.freeze(assertTogether(parsed.data))
  // A misspelt limit is told before what is missing for it.
  const { issues } = parsed.error
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
  const stray = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const path = [...(issue?.path ?? []), ...(stray === undefined ? [] : [stray])]
  const field = path.join('.')
  const value = path.reduce<unknown>(
    (from, part) => (from as Readonly<Record<PropertyKey, unknown>> | undefined)?.[part],
    input,
  )
  const fault = stray === undefined ? (issue?.message ?? 'not valid') : strayLimit(stray, issue?.path ?? [])
  throw new SwarmError({
    code: 'INVALID_RISK_POLICY',
    message:
      field === ''
        ? `risk policy: it is ${shown(value)}: ${fault}`
        : `risk policy: ${field} = ${shown(value)}: ${fault}`,
    context: { field },
  })
}

/** What nobody could work out: each entry would be denied for want of it. */
function assertTogether(policy: RiskPolicy): RiskPolicy {
  const { maxBeta, betaBenchmark } = policy
  if (maxBeta === undefined || betaBenchmark !== undefined) return policy
  throw new SwarmError({
    code: 'INVALID_RISK_POLICY',
    message: `risk policy: maxBeta = ${maxBeta}: a beta is against a benchmark; name its symbol in betaBenchmark`,
    context: { field: 'betaBenchmark' },
  })
}

/** What is there in the place of a limit that is not, as far as names are near. */
function strayLimit(name: string, path: readonly PropertyKey[]): string {
  const schema = path.length === 0 ? riskPolicySchema : path[0] === 'principals' ? principalSchema : undefined
  const nearest = schema === undefined ? undefined : nearestName(name, Object.keys(schema.shape))
  return nearest === undefined ? 'there is no such limit' : `there is no such limit; did you mean ${nearest}?`
}

/** JSON has neither NaN nor Infinity. */
function isAmount(text: string): boolean {
  return isSignedAmount(text) && decimal(text).gte(zero) && !text.startsWith('-')
}

function isSignedAmount(text: string): boolean {
  try {
    decimal(text)
    return true
  } catch {
    return false
  }
}
