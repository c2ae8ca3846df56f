import { z } from 'zod'
import { fraction, score, symbol } from '../messages/shapes.js'

/** What an opinion can rest on: the sections of a brief. */
const evidenceNames = [
  'price',
  'posts',
  'readings',
  'trend',
  'gap',
  'volatility',
  'volume',
  'patterns',
  'correlations',
  'rules',
  'levels',
  'portfolio',
] as const

export const evidenceName = z.enum(evidenceNames)

/** The longest rationale that is taken. */
const maximumRationaleLength = 600

const scenario = z.strictObject({
  probability: fraction,
  /** What the position would return by the horizon, in per cent. */
  returnPercent: z.number().min(-50).max(50),
})

export const scenarios = z.strictObject({ base: scenario, bull: scenario, bear: scenario })

/** Three ways in which it may come, with their probabilities. */
export type Scenarios = z.output<typeof scenarios>

/** What a reasoner or a judge says of one symbol. Its numbers are bounded here, and checked against its brief afterwards. */
export const opinion = z.strictObject({
  symbol,
  action: z.enum(['enter-long', 'exit-long', 'none']),
  /** From −1, all speaks for leaving, to 1, all speaks for entering. */
  score,
  confidence: fraction,
  scenarios,
  evidence: z.array(evidenceName).min(1).max(evidenceNames.length),
  rationale: z.string().min(1).max(maximumRationaleLength),
})

/** An opinion as a model gave it. */
export type Opinion = z.output<typeof opinion>
