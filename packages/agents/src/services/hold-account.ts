import { type ClockAndTimers, type Logger, messageOf } from '@tradeswarm/core'
import type { AccountLease } from '@tradeswarm/trading'

/**
 * Takes an account before anything of it is read, and keeps it while `work` reads and opens, so that no other instance can write books that
 * were read already. The work is handed the lease as its kernel is to have it. Where the work fails the account is given back. Throws what
 * `acquire` and the work throw.
 */
export async function holdAccount<T>(
  lease: AccountLease | undefined,
  { clock, logger }: { readonly clock: ClockAndTimers; readonly logger: Logger },
  work: (held: AccountLease | undefined) => Promise<T>,
): Promise<T> {
  if (lease === undefined) return work(undefined)
  await lease.acquire()
  let cancel = (): void => undefined
  const renewLater = (): void => {
    cancel = clock.at(clock.now() + lease.renewEveryMs, renewNow)
  }
  const renewNow = async (): Promise<void> => {
    renewLater()
    try {
      await lease.renew()
    } catch (thrown) {
      // Whether the hold is lost is told by the kernel, which asks for it again when it starts.
      logger.warn('the hold on the account was not renewed', { error: messageOf(thrown) })
    }
  }
  renewLater()
  try {
    return await work(keptLease(lease))
  } catch (thrown) {
    try {
      await lease.release()
    } catch (released) {
      logger.warn('the account was not given back', { error: messageOf(released) })
    }
    throw thrown
  } finally {
    cancel()
  }
}

/** A hold that the kernel goes on with, and does not take anew: had another instance the account meanwhile, the books that were read are not the last. */
function keptLease(lease: AccountLease): AccountLease {
  return { ...lease, acquire: () => lease.renew() }
}
