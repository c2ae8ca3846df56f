import { assertKnownOptions, SwarmError } from '@tradeswarm/core'

/**
 * Refuses what an act of an operator does not know, since the act would be another one than was meant: wider, or of all accounts.
 * Throws `INVALID_OPTION`.
 */
export function checkAct(act: string, given: unknown, known: readonly string[]): void {
  // Whether anybody may act at all is asked elsewhere.
  if (typeof given !== 'object' || given === null) return
  if (Object.hasOwn(given, 'account'))
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `${act}: it is done to all accounts; for one of them use swarm.kernel('${String((given as { readonly account?: unknown }).account)}').${act}(…)`,
      context: { option: 'account' },
    })
  assertKnownOptions(act, given, known)
}
