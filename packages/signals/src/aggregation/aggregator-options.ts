import { SwarmError } from '@tradeswarm/core'
import { z } from 'zod'

const fraction = z.number().min(0).max(1)
const count = z.int().min(1).max(1_000_000)
const lengthMs = z.int().min(1)

/** The numbers an aggregator works with. Every field has a default; see {@link defaultAggregatorConfig}. */
export const aggregatorConfigSchema = z.object({
  /** Older observations count no more. */
  windowMs: lengthMs.default(3 * 86_400_000),
  /** Age at which an observation counts half. A day suits daily bars; two hours suit intraday ones. */
  halfLifeMs: lengthMs.default(86_400_000),
  /** No observation within the window counts less than this for its age. */
  minimumRecency: fraction.default(0.2),
  /** The most of the total weight that one author may have; with fewer than 1/cap authors, an equal part. */
  maximumAuthorShare: z.number().gt(0).max(1).default(0.1),
  /** Weight of a retweet whose original is not in the window. */
  retweetFactor: fraction.default(0.5),
  /** Weight of a wholly neutral text against a wholly opinionated one. */
  neutralFactor: fraction.default(0.25),
  /** Observations kept per symbol; beyond it the oldest go. */
  maximumObservations: count.default(1_000),
  /** Symbols kept; beyond it the one that has been quiet longest goes. */
  maximumSymbols: count.default(10_000),
  maximumContributors: z.int().min(0).max(1_000).default(10),
  /** Length of the window whose mentions are compared with earlier ones; counted in quarters of it. */
  burstWindowMs: z.int().min(4).default(86_400_000),
  /** How many earlier windows make the baseline. */
  burstBaselineWindows: z.int().min(1).max(250).default(20),
  /** No burst is flagged on a baseline of fewer windows than this. */
  burstMinimumBaselineWindows: z.int().min(1).max(250).default(5),
  burstMinimumMentions: count.default(10),
  burstMinimumRatio: z.number().min(1).default(3),
  burstMinimumZScore: z.number().min(0).default(3),
})

/** All options of an aggregator, with their defaults. */
export type AggregatorConfig = Readonly<z.output<typeof aggregatorConfigSchema>>
/** The options of an aggregator; what is left out has its default. */
export type AggregatorOptions = Readonly<z.input<typeof aggregatorConfigSchema>>

/** The defaults of {@link createSignalAggregator}. */
export const defaultAggregatorConfig: AggregatorConfig = Object.freeze(aggregatorConfigSchema.parse({}))

/** Options with defaults. Throws `INVALID_OPTION` naming the option, its value and the range. */
export function aggregatorConfigOf(options: AggregatorOptions): AggregatorConfig {
  const parsed = aggregatorConfigSchema.safeParse(options)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const option = issue?.path.join('.') ?? ''
  const value = (options as Readonly<Record<string, unknown>>)[option]
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `createSignalAggregator: ${option} is ${String(value)}; ${issue?.message ?? 'it is not valid'}`,
    context: { option, value },
  })
}
