// What the benchmarks of the core send: a market signal of ten fields, the same for us and for the peer, and a verdict on it.
import { z } from 'zod'

const sources = ['stocktwits', 'reddit', 'news', 'sec']
const directions = ['long', 'short', 'none']
const symbols = Array.from({ length: 100 }, (_, index) => `S${String(index).padStart(3, '0')}-USDT`)

/** Our schema of a signal: bounds on the two numbers that have them by nature, and one of four sources. */
export const signalSchema = z.object({
  sequence: z.number(),
  symbol: z.string(),
  source: z.enum(sources),
  author: z.string(),
  text: z.string(),
  score: z.number().min(-1).max(1),
  confidence: z.number().min(0).max(1),
  followers: z.number(),
  isRetweet: z.boolean(),
  at: z.number(),
})

/** Our schema of a verdict on a signal. */
export const verdictSchema = z.object({
  sequence: z.number(),
  symbol: z.string(),
  direction: z.enum(directions),
  strength: z.number().min(0).max(1),
})

/** The same for fastest-validator, which validates for moleculer. */
export const signalParams = {
  sequence: 'number',
  symbol: 'string',
  source: { type: 'enum', values: sources },
  author: 'string',
  text: 'string',
  score: { type: 'number', min: -1, max: 1 },
  confidence: { type: 'number', min: 0, max: 1 },
  followers: 'number',
  isRetweet: 'boolean',
  at: 'number',
}

/** The same for fastest-validator. */
export const verdictParams = {
  sequence: 'number',
  symbol: 'string',
  direction: { type: 'enum', values: directions },
  strength: { type: 'number', min: 0, max: 1 },
}

/** A signal of its own for each number; the symbols take turns. */
export function signalOf(sequence) {
  return {
    sequence,
    symbol: symbols[sequence % symbols.length],
    source: sources[sequence % sources.length],
    author: 'a-reader-of-tapes',
    text: 'Volume is up for the third day and the range holds; watching the open.',
    score: (sequence % 200) / 100 - 1,
    confidence: (sequence % 100) / 100,
    followers: sequence % 5000,
    isRetweet: sequence % 3 === 0,
    at: 1_700_000_000_000 + sequence,
  }
}

/** What whoever is asked answers. */
export function verdictOn({ sequence, symbol, score, confidence }) {
  return {
    sequence,
    symbol,
    direction: score > 0 ? 'long' : score < 0 ? 'short' : 'none',
    strength: Math.abs(score) * confidence,
  }
}
