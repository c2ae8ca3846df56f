import { z } from 'zod'
import { sessionDate } from '../messages/shapes.js'

const usd = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, 'is not an amount in dollars such as "0.50"')
const tokenPrice = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, 'is not a price such as "0.25"')

const modelPrice = z.strictObject({
  input: tokenPrice,
  cacheRead: tokenPrice.exactOptional(),
  cacheWrite: tokenPrice.exactOptional(),
  output: tokenPrice,
  maximumOutputTokens: z.int().min(1),
  contextTokens: z.int().min(1),
  source: z.string(),
  date: z.string(),
})

/** How the Analyst works with a model. Every field has a default, or does without. */
export const analystModelConfig = z.strictObject({
  /** What counts where a model's answer was not taken: what the rules make of the signals, or nothing (which is not the same as neutral). */
  fallback: z.enum(['rules', 'abstain']).default('rules'),
  /** Posts of a symbol that the reader model is shown: those that weigh most. 0: it reads none. */
  maximumPosts: z.int().min(0).max(50).default(8),
  /** Symbols that an opinion is asked for before a session: those with the strongest signals. The rules decide about the others. */
  maximumSymbols: z.int().min(1).max(1_000).default(30),
  /** In real time, how long the reading and then the reasoning may take. */
  deadlineMs: z.int().min(1_000).max(600_000).default(60_000),
  /** No entry on scenarios whose gains are below this multiple of their losses, each weighted by its probability. */
  minimumRewardToRisk: z.number().min(0).max(100).default(1),
  /** Advocates for both sides, and a judge in the reasoner's place. */
  debate: z
    .strictObject({
      /** How often each side speaks. */
      rounds: z.int().min(1).max(3).default(1),
      /** What the advocates may cost in a day, UTC. Where it is used up, the debate ends and whoever judges does so on what was said. */
      usdPerDay: usd,
    })
    .exactOptional(),
  /** Options of the calls. What is left out is not sent. */
  call: z
    .strictObject({
      temperature: z.number().min(0).max(2).exactOptional(),
      /** For one post or one symbol. */
      maxOutputTokens: z.int().min(1).max(1_000_000).exactOptional(),
    })
    .prefault({}),
  /** Prices of models that the table lacks, or that cost you something else, by model id, in dollars for a million tokens. */
  prices: z.record(z.string(), modelPrice).default({}),
  /** Up to when models have read that the table lacks, or that the provider says something else of, by model id: reports mark what lies before. */
  cutoffs: z
    .record(
      z.string(),
      z.strictObject({
        cutoff: sessionDate,
        source: z.string().exactOptional(),
        date: z.string().exactOptional(),
      }),
    )
    .default({}),
})

/** The options with their defaults filled in. */
export type AnalystModelConfig = z.output<typeof analystModelConfig>
