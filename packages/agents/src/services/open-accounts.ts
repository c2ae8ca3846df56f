import { messageOf, SwarmError } from '@tradeswarm/core'
import type { BrokerDefinition, TradingKernel } from '@tradeswarm/trading'

/**
 * Opens all accounts, side by side in real time; in virtual time one after the other, so that a run is always the same. Each is given its chance,
 * whatever becomes of the others. Where some fail it throws `ACCOUNTS_NOT_OPENED`, which names them all; what a single account throws is
 * thrown as it is.
 */
export async function openAccounts(
  brokers: readonly BrokerDefinition[],
  open: (definition: BrokerDefinition) => Promise<void>,
  isRealTime: boolean,
): Promise<void> {
  const outcomes: PromiseSettledResult<void>[] = []
  if (isRealTime) outcomes.push(...(await Promise.allSettled(brokers.map(open))))
  else for (const definition of brokers) outcomes.push(...(await Promise.allSettled([open(definition)])))
  const failures = outcomes.flatMap((outcome, index) => {
    const definition = brokers[index]
    return outcome.status === 'fulfilled' || definition === undefined
      ? []
      : [{ account: definition.account, venue: definition.name, thrown: outcome.reason as unknown }]
  })
  const [first] = failures
  if (first === undefined) return
  throw brokers.length === 1 ? first.thrown : notOpened(failures)
}

/** Accounts that were opened side by side are looked through in the order in which they are given. */
export function inOrderOf(brokers: readonly BrokerDefinition[], kernels: Map<string, TradingKernel>): void {
  for (const { account } of brokers) {
    const kernel = kernels.get(account)
    if (kernel === undefined || !kernels.delete(account)) continue
    kernels.set(account, kernel)
  }
}

type Failure = { readonly account: string; readonly venue: string; readonly thrown: unknown }

function notOpened(failures: readonly Failure[]): SwarmError {
  const told = failures.map(({ account, venue, thrown }) => `"${account}" at ${venue} (${reasonOf(thrown)})`)
  return new SwarmError({
    code: 'ACCOUNTS_NOT_OPENED',
    message: `the swarm did not start, and the accounts that were opened are closed again, since these could not be opened: ${told.join('; ')}; mend them, or leave them out of "brokers", and start a new swarm on the same storage`,
    retryability: failures.every(({ thrown }) => isRetryable(thrown)) ? 'retryable' : 'fatal',
    context: { accounts: failures.map(({ account }) => account) },
    cause: failures.length === 1 ? failures[0]?.thrown : new AggregateError(failures.map(({ thrown }) => thrown)),
  })
}

function reasonOf(thrown: unknown): string {
  return SwarmError.isInstance(thrown) ? `${thrown.code}: ${thrown.message}` : messageOf(thrown)
}

function isRetryable(thrown: unknown): boolean {
  return SwarmError.isInstance(thrown) && thrown.retryability === 'retryable'
}
