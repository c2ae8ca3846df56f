import { z } from 'zod'
import { executionPlan } from '../messages/shapes.js'

/** How the Trader works. Every field has a default. Fractions are fractions of equity or of a price. */
export const traderConfig = z.strictObject({
  strategy: z.string().default('swarm'),
  /** Positions held or asked for at once. */
  maximumPositions: z.int().min(1).default(5),
  /** What a position may lose at its stop. */
  riskFraction: z.number().gt(0).max(0.1).default(0.005),
  /** An entry is a limit order this far above the reference price, rounded up to the tick. */
  entryBufferFraction: z.number().min(0).max(0.05).default(0.02),
  /** A recommendation that waited longer (the Trader was paused) is passed: it was made for an open that is gone. */
  maximumLagMs: z
    .int()
    .min(0)
    .default(15 * 60_000),
  /** Set aside for fees when cash is what limits the size. */
  feeReserveFraction: z.number().min(0).max(0.05).default(0.002),
  /** How entries are worked in parts, and for how long from the decision. Left out, they are sent as they are. */
  execution: z
    .strictObject({
      plan: executionPlan,
      lastsMs: z
        .int()
        .min(1_000)
        .max(7 * 86_400_000),
    })
    .exactOptional(),
})

/** The Trader's options with their defaults filled in. */
export type TraderConfig = z.output<typeof traderConfig>
