import { SwarmError } from '@tradeswarm/core'
import { ofSubject, type Violation } from './judge-bench.js'

/** How the trace of a failure ends. */
export function lastLine({ invariant, message }: Violation): string {
  return invariant === ofSubject ? `the subject failed: ${message}` : `${invariant} does not hold: ${message}`
}

/** Refuses an option that is no whole number from `least` on. Throws `INVALID_OPTION`. */
export function assertWhole(owner: string, option: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${owner}: ${option} is ${value}; it must be a whole number from ${least}`,
    context: { option, value },
  })
}
