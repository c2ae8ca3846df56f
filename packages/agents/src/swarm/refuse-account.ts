import { SwarmError } from '@tradeswarm/core'

/** Refuses an account in an act that is done to all of them: it would be wider than was meant. Throws `INVALID_OPTION`. */
export function refuseAccount(act: string, given: unknown): void {
  if (typeof given !== 'object' || given === null || !Object.hasOwn(given, 'account')) return
  const { account } = given as { readonly account?: unknown }
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${act}: it is done to all accounts; for one of them use swarm.kernel('${String(account)}').${act}(…)`,
    context: { option: 'account' },
  })
}
