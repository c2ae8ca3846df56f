import { defineRequest, defineTopic } from '@tradeswarm/core'
import { z } from 'zod'
import { epochMs, fraction, score, sessionDate, symbol } from './shapes.js'

/** A post or article as it came in. Its text is untrusted and lies in the blob store under its hash. */
export const PostReceived = defineTopic('post.received', {
  schema: z.object({
    source: z.string(),
    synthetic: z.boolean(),
    weight: fraction,
    id: z.string(),
    symbol,
    at: epochMs,
    textHash: z.string().length(64),
    author: z.string().exactOptional(),
    followers: z.number().exactOptional(),
    url: z.string().exactOptional(),
  }),
  delivery: 'durable',
  key: (post) => post.symbol,
})

/** The untrusted text behind a hash, for the one agent that reads. */
export const ReadText = defineRequest('text.read', {
  input: z.object({ hash: z.string() }),
  output: z.object({ text: z.string() }),
  idempotent: true,
  callers: ['data-scout'],
})

/** One post, judged. */
export const SignalObserved = defineTopic('signal.observed', {
  schema: z.object({
    symbol,
    source: z.string(),
    synthetic: z.boolean(),
    postId: z.string(),
    at: epochMs,
    score,
    confidence: fraction,
    isRetweet: z.boolean(),
  }),
  delivery: 'durable',
  key: (signal) => signal.symbol,
})

const contributor = z.object({
  source: z.string(),
  id: z.string(),
  author: z.string().exactOptional(),
  share: fraction,
  score,
  confidence: fraction,
  at: epochMs,
})

/** What the posts about a symbol say together, and what it rests on. */
const postOpinion = z.object({
  score,
  confidence: fraction,
  burst: z.object({ isBurst: z.boolean(), mentions: z.number(), baseline: z.number(), zScore: z.number() }),
  quality: z.object({
    mentions: z.number(),
    observations: z.number(),
    uniqueAuthors: z.number(),
    duplicateShare: fraction,
    retweetShare: fraction,
    rejectedShare: fraction,
    concentration: fraction,
    agreement: fraction,
    opinion: fraction,
    oldestAgeMs: z.number(),
    newestAgeMs: z.number(),
  }),
  contributors: z.array(contributor),
})

/** A measure of the market itself, from finished bars. */
const marketMeasure = z.object({
  kind: z.enum(['trend', 'gap', 'volatility', 'volume']),
  score,
  confidence: fraction,
  value: z.number(),
})

/** All that is known about one symbol before a session, starting a chain of its own. */
export const SignalAggregated = defineTopic('signal.aggregated', {
  schema: z.object({
    symbol,
    sessionDate,
    at: epochMs,
    synthetic: z.boolean(),
    /** Absent when there were no posts with weight. */
    posts: postOpinion.exactOptional(),
    market: z.array(marketMeasure),
  }),
  delivery: 'durable',
  key: (signal) => signal.symbol,
})

/** All symbols of a session have been aggregated. It comes after them. */
export const SignalRoundCompleted = defineTopic('signal.round-completed', {
  schema: z.object({ sessionDate, at: epochMs, symbols: z.array(symbol) }),
  delivery: 'durable',
  priority: 'low',
})
