import { assertKnownOptions, SwarmError } from '@tradeswarm/core'

/**
 * Refuses what an act of an operator does not know, since the act would be another one than was meant: wider, or of all accounts.
 * Throws `INVALID_OPTION`.
 */
export function checkAct(act: string, given: object, known: readonly string[]): void {
  if (Object.hasOwn(given, 'account'))
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `${act}: it is done to all accounts; for one of them use swarm.kernel('${String((given as { readonly account?: unknown }).account)}').${act}(…)`,
      context: { option: 'account' },
    })
  assertKnownOptions(act, given, known)
}
