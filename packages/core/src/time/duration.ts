import { SwarmError } from '../errors/swarm-error.js'

/** A number of milliseconds, or a whole or decimal number with a unit: `250ms`, `5s`, `1m`, `4h`, `2d`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a duration. Throws `INVALID_DURATION` when it is not a positive finite length. */
export function durationMs(duration: Duration): number {
  const match = typeof duration === 'number' ? undefined : /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration)
  const value = typeof duration === 'number' ? duration : Number(match?.[1]) * (unitMs[match?.[2] ?? ''] ?? Number.NaN)
  if (!Number.isFinite(value) || value <= 0) {
    throw new SwarmError({
      code: 'INVALID_DURATION',
      message: `"${duration}" is not a duration: write a positive number of milliseconds or a text such as "30s", "1m" or "2h"`,
      context: { duration },
    })
  }
  return value
}
