import { z } from 'zod'
import { analystModelConfig } from '../models/analyst-model-config.js'

/** How the Analyst works. Every field has a default. Fractions are fractions. */
export const analystConfig = z.strictObject({
  /** No recommendation below this confidence… */
  minimumConfidence: z.number().min(0).max(1).default(0.6),
  /** …or with a smaller |score|. */
  minimumScore: z.number().min(0).max(1).default(0.3),
  /** How much each factor counts before Learning adjusts it. */
  factorWeights: z
    .strictObject({
      posts: z.number().min(0),
      trend: z.number().min(0),
      gap: z.number().min(0),
      volatility: z.number().min(0),
      volume: z.number().min(0),
      reversion: z.number().min(0),
    })
    .default({ posts: 1, trend: 0.8, gap: 0.3, volatility: 0.3, volume: 0.3, reversion: 0.5 }),
  /** The posts' score counts as its distance from its own moving mean over so many sessions… */
  baselineSessions: z.int().min(1).default(60),
  /** …once there are this many… */
  baselineMinimumSessions: z.int().min(1).default(10),
  /** …times this: an aggregate is seldom further than 0.3 from its mean. */
  postsScale: z.number().gt(0).default(3),
  /** Distance of the stop in average true ranges, and its bounds as fractions of the price: never nearer than 5 %. */
  stopAtrMultiple: z.number().gt(0).default(2.5),
  minimumStopFraction: z.number().gt(0).lt(1).default(0.05),
  maximumStopFraction: z.number().gt(0).lt(1).default(0.08),
  /** Distance of the target as a multiple of the stop's. */
  riskReward: z.number().gt(0).default(2),
  /** Signals that waited longer (the Analyst was paused) are dropped: they were gathered for an open that is gone. */
  maximumLagMs: z
    .int()
    .min(0)
    .default(15 * 60_000),
  horizonSessions: z.int().min(1).default(20),
})

/** The Analyst's options with their defaults filled in. */
export type AnalystConfig = z.output<typeof analystConfig>

/** How the Analyst works where the swarm has a model. */
export const modelAnalystConfig = analystConfig.extend({
  /** Of the part that models have in it. */
  model: analystModelConfig.prefault({}),
})

/** The options of an Analyst with a model, with their defaults filled in. */
export type ModelAnalystConfig = z.output<typeof modelAnalystConfig>
