import { SwarmError } from '../errors/swarm-error.js'

/** Throws `INVALID_OPTION` unless the value lies from `lowest` to `highest`; NaN never does. `owner` is what has the option, with its article. */
export function assertInRange(owner: string, option: string, value: number, lowest: number, highest: number): void {
  if (typeof value === 'number' && value >= lowest && value <= highest) return
  throw invalidOption(owner, option, value, `from ${lowest} to ${highest}`)
}

/** Throws `INVALID_OPTION` unless the value is a whole number from `lowest` to `highest`. */
export function assertWhole(owner: string, option: string, value: number, lowest: number, highest: number): void {
  if (Number.isSafeInteger(value) && value >= lowest && value <= highest) return
  throw invalidOption(owner, option, value, `a whole number from ${lowest} to ${highest}`)
}

/** The error for an option whose value is not what it must be. */
export function invalidOption(owner: string, option: string, value: unknown, expected: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `option ${option} of ${owner} is ${String(value)}; it must be ${expected}`,
    context: { option, value },
  })
}
