import { SwarmError } from '@tradeswarm/core'

/** The error for an option that is not what it must be: `owner` is what has the option, and `fault` says what it is or must be. */
export function invalidOption(owner: string, option: string, fault: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `${owner}: ${option} ${fault}`,
    context: { option },
  })
}
