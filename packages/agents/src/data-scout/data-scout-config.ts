import { aggregatorConfigSchema } from '@tradeswarm/signals'
import { z } from 'zod'

const day = 86_400_000

/** How the Data Scout works. Every field has a default. */
export const dataScoutConfig = z.strictObject({
  symbols: z.array(z.string()).default([]),
  /** Names that stand for a symbol in texts, beside its cashtag: `{ AAPL: ['apple'] }`. */
  names: z.record(z.string(), z.array(z.string())).default({}),
  /** Older posts are not used, and a text counts as a copy for so long. */
  maximumPostAgeMs: z
    .int()
    .min(1)
    .default(3 * day),
  /** A session that was announced longer ago (the Data Scout was paused) is let go: its open is gone. */
  maximumLagMs: z
    .int()
    .min(0)
    .default(15 * 60_000),
  /** Bars remembered per symbol; the oldest go. */
  maximumBars: z.int().min(1).max(10_000).default(260),
  /** Options of the aggregation of posts; see `createSignalAggregator`. */
  aggregation: aggregatorConfigSchema.strict().prefault({}),
})

/** What a swarm's definition may say of it: its symbols are those of the swarm. */
export const dataScoutOptions = dataScoutConfig.omit({ symbols: true })

/** The Data Scout's options with their defaults filled in. */
export type DataScoutConfig = z.output<typeof dataScoutConfig>
