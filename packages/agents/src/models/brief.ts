import { z } from 'zod'
import { fraction, score, symbol } from '../messages/shapes.js'
import { reading } from './reading.js'

const percent = z.number().min(-1_000_000).max(1_000_000)
const count = z.int().min(0)
const price = z.number().min(0)

/** Combinations of signals that have names. */
export const signalPatterns = [
  'posts-with-trend',
  'posts-against-trend',
  'burst-without-move',
  'burst-with-move',
  'overbought',
  'oversold',
  'crowded',
  'copied',
  'readers-disagree',
  'quiet',
] as const

const signalPattern = z.enum(signalPatterns)

/**
 * All that a reasoner is told of a symbol: numbers, and words from fixed lists. Amounts of the account are per cent of its equity, so
 * that no balance leaves the process; no text of a post is in it.
 */
export const brief = z.strictObject({
  symbol,
  price: z.strictObject({
    close: price,
    sma50: price.exactOptional(),
    aboveSma50Percent: percent.exactOptional(),
    atr: price.exactOptional(),
    atrPercent: percent.exactOptional(),
    rsi: z.number().min(0).max(100).exactOptional(),
  }),
  posts: z
    .strictObject({
      score,
      usualScore: score,
      distance: z.number().min(-2).max(2),
      confidence: fraction,
      mentions: count,
      authors: count,
      copiedPercent: percent,
      agreement: fraction,
      burst: z.number(),
      /** Correlation of what posts said before a session with the return that came. */
      lead: score.exactOptional(),
    })
    .exactOptional(),
  readings: z
    .strictObject({
      asked: count,
      read: count,
      bullish: count,
      bearish: count,
      neutral: count,
      promotions: count,
      instructions: count,
      unrelated: count,
      score,
      events: z.array(reading.shape.event).max(10),
    })
    .exactOptional(),
  trend: score.exactOptional(),
  gap: score.exactOptional(),
  volatility: score.exactOptional(),
  volume: score.exactOptional(),
  patterns: z.array(signalPattern).max(signalPatterns.length),
  correlations: z.array(z.strictObject({ with: symbol, value: score })).max(5),
  /** What the rules make of it by themselves. */
  rules: z.strictObject({
    action: z.enum(['enter-long', 'exit-long', 'none']),
    score: score.exactOptional(),
    confidence: fraction.exactOptional(),
  }),
  levels: z
    .strictObject({
      entry: price,
      stop: price,
      target: price,
      stopPercent: percent,
      targetPercent: percent,
      horizonSessions: count,
    })
    .exactOptional(),
  portfolio: z.strictObject({
    heldPercent: percent,
    unrealisedPercent: percent.exactOptional(),
    freeCashPercent: percent,
    openPositions: count,
  }),
})

/** What a reasoner knows of one symbol. */
export type Brief = z.output<typeof brief>
