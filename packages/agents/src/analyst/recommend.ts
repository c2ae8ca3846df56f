import type { PayloadOf } from '@tradeswarm/core'
import { decimal, decimalText, fromFloat, type Instrument, roundToStep } from '@tradeswarm/trading'
import type { Parameters, RecommendationIssued } from '../messages/decision-topics.js'
import type { SignalAggregated } from '../messages/signal-topics.js'
import type { AnalystConfig } from './analyst-config.js'
import type { Indicators } from './indicators.js'
import type { PostBaseline } from './post-baseline.js'

type Signal = PayloadOf<typeof SignalAggregated>
export type Recommendation = PayloadOf<typeof RecommendationIssued>
export type Factor = Recommendation['reasons'][number]

export type RecommendInput = {
  readonly signal: Signal
  readonly signalMessageId: string
  readonly indicators: Indicators
  /** What the posts about the symbol usually say. */
  readonly baseline: PostBaseline
  readonly tickSize: Instrument['tickSize']
  readonly parameters: Parameters
  readonly config: AnalystConfig
}

/** What to do about one symbol, without its rank; undefined when there is no reason to do anything. Pure. */
export function recommend(input: RecommendInput): Omit<Recommendation, 'rank'> | undefined {
  const { signal, config, parameters } = input
  const factors = weighFactors(input)
  const total = sumOf(factors, (factor) => factor.weight * factor.confidence)
  if (total === 0) return undefined
  const score = clamp(sumOf(factors, (factor) => factor.contribution) / total, -1, 1)
  const setup = nameSetup(factors, score)
  const bias = (parameters.setupBias[setup] ?? 0) + (parameters.symbolBias[signal.symbol] ?? 0)
  const confidence = clamp(agreementOf(factors, score) + bias, 0, 1)
  if (Math.abs(score) < config.minimumScore || confidence < config.minimumConfidence) return undefined
  const levels = levelsFor(input)
  if (levels === undefined) return undefined
  return {
    symbol: signal.symbol,
    sessionDate: signal.sessionDate,
    direction: score > 0 ? 'enter-long' : 'exit-long',
    setup,
    score,
    confidence,
    horizonSessions: config.horizonSessions,
    ...levels,
    reasons: factors,
    signalMessageId: input.signalMessageId,
    parametersVersion: parameters.version,
  }
}

/** Each factor with its share: weight × confidence × score. */
export function weighFactors({
  signal,
  indicators,
  baseline,
  parameters,
  config,
}: Pick<RecommendInput, 'signal' | 'indicators' | 'baseline' | 'parameters' | 'config'>): Factor[] {
  const factors: Factor[] = []
  const add = (factor: keyof AnalystConfig['factorWeights'], score: number, confidence: number): void => {
    const weight = config.factorWeights[factor] * (parameters.factorWeights[factor] ?? 1)
    factors.push({ factor, score, confidence, weight, contribution: weight * confidence * score })
  }
  // Chatter leans to the bullish side for most symbols: what counts is how far it is from what it usually says.
  if (signal.posts && baseline.count >= config.baselineMinimumSessions) {
    add('posts', clamp((signal.posts.score - baseline.mean) * config.postsScale, -1, 1), signal.posts.confidence)
  }
  for (const measure of signal.market) add(measure.kind, measure.score, measure.confidence)
  const { rsi } = indicators
  // Oversold below 30, overbought above 70 (Wilder 1978); nothing is said in between.
  if (rsi !== undefined && rsi < 30) add('reversion', clamp((30 - rsi) / 15, 0, 1), 0.6)
  if (rsi !== undefined && rsi > 70) add('reversion', -clamp((rsi - 70) / 15, 0, 1), 0.6)
  return factors
}

/** From 0.5 when the factors cancel out to 1 when all point the way of the score, in proportion to their weight. */
function agreementOf(factors: readonly Factor[], score: number): number {
  const strength = sumOf(factors, (factor) => Math.abs(factor.contribution))
  if (strength === 0) return 0
  const along = sumOf(factors, (factor) => (factor.contribution * score > 0 ? Math.abs(factor.contribution) : 0))
  return along / strength
}

function nameSetup(factors: readonly Factor[], score: number): string {
  const scoreOf = (name: string): number => factors.find((factor) => factor.factor === name)?.score ?? 0
  const direction = score > 0 ? 1 : -1
  const posts = scoreOf('posts') * direction
  const trend = scoreOf('trend') * direction
  if (scoreOf('reversion') * direction > 0) return 'reversal'
  if (posts > 0.1 && trend > 0.1) return 'posts-with-trend'
  if (posts > 0.1 && trend < -0.1) return 'posts-against-trend'
  return posts > 0.1 ? 'posts' : 'trend'
}

/** Entry, stop and target on the instrument's tick; undefined where prices or ranges are missing or not finite. */
export function levelsFor({
  indicators,
  tickSize,
  config,
}: Pick<RecommendInput, 'indicators' | 'tickSize' | 'config'>):
  | Pick<Recommendation, 'referencePrice' | 'entryPrice' | 'stopPrice' | 'targetPrice' | 'riskReward'>
  | undefined {
  const { close, atr } = indicators
  if (!(close > 0) || atr === undefined || !Number.isFinite(atr)) return undefined
  const stopFraction = clamp(
    (config.stopAtrMultiple * atr) / close,
    config.minimumStopFraction,
    config.maximumStopFraction,
  )
  const tick = decimal(tickSize)
  const onTick = (price: number): ReturnType<typeof decimal> =>
    roundToStep(fromFloat(price, 8, 'level'), tick, 'half-even')
  const entry = onTick(close)
  const stop = onTick(close * (1 - stopFraction))
  const target = onTick(close * (1 + stopFraction * config.riskReward))
  if (!stop.lt(entry) || !target.gt(entry) || stop.lte(decimal('0'))) return undefined
  return {
    referencePrice: decimalText(fromFloat(close, 8)),
    entryPrice: decimalText(entry),
    stopPrice: decimalText(stop),
    targetPrice: decimalText(target),
    riskReward: config.riskReward,
  }
}

function sumOf(factors: readonly Factor[], value: (factor: Factor) => number): number {
  let sum = 0
  for (const factor of factors) sum += value(factor)
  return sum
}

function clamp(value: number, minimum: number, maximum: number): number {
  return Math.min(maximum, Math.max(minimum, value))
}
