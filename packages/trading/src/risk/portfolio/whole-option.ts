import { SwarmError } from '@tradeswarm/core'

/** The value when it is a whole number within the range; throws `INVALID_OPTION` otherwise. */
export function wholeOption(name: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${name}: ${value} is not a whole number from ${least} to ${most}`,
    context: { name },
  })
}
