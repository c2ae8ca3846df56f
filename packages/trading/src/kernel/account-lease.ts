import { type Clock, type EpochMs, type KeyValueEntry, SwarmError, type Timers } from '@tradeswarm/core'

/** A hold on an account: its token grows with each owner, its end is in epoch milliseconds. */
export type LeaseGrant = { readonly token: number; readonly expiresAt: EpochMs }

/** The hold of one instance on one account: who has it may send, and nobody else. */
export type AccountLease = {
  /** Takes the account; waits for a hold to lapse that nobody renews. Throws `ACCOUNT_LEASED` when another instance is alive. */
  acquire(): Promise<LeaseGrant>
  /**
   * Prolongs the hold. Throws `LEASE_LOST` once another instance has the account: then for good, and `LEASE_RELEASED` once it was given
   * back, which is no loss.
   */
  renew(): Promise<LeaseGrant>
  /** Gives the account back, so that the next instance need not wait. */
  release(): Promise<void>
  /** Why this instance may not send now; undefined while it may. Asked right before each send, so it must not wait for anything. */
  lapsed(): string | undefined
  /** How often it wants to be renewed, in milliseconds. */
  readonly renewEveryMs: number
}

/** The one key that a lease lives in; over a `Storage`, `get` of its key-value store and a commit with `ifRevision`. */
export type LeaseStore = {
  get(key: string): Promise<KeyValueEntry | undefined>
  /** Writes if the key is still at the revision, 0 for none; throws `REVISION_CONFLICT` otherwise. */
  save(key: string, value: string, ifRevision: number): Promise<void>
}

export type AccountLeaseOptions = {
  readonly account: string
  /** Unique to this instance, and never used again. */
  readonly owner: string
  readonly store: LeaseStore
  readonly clock: Clock
  readonly timers: Pick<Timers, 'at'>
  /** The hold lapses so long after its last renewal; default 5,000. 1,000 to 60,000. */
  readonly ttlMs?: number
}

/** Waited for beyond the end of another's hold. */
const graceMs = 500
/** Clocks of two machines differ by less than this; a hold that ended longer ago is taken without a wait. */
const mostClocksDifferMs = 600_000

/** A renewal that meets another write so often is given up, and tried again at its next turn. */
const maximumConflicts = 3

type Stored = {
  readonly owner: string
  readonly token: number
  readonly ttlMs: number
  readonly expiresAt: EpochMs
  readonly released: boolean
}

/**
 * A lease over a key-value store with compare-and-set. It does not trust the clocks of two machines to agree: whoever finds the account held
 * watches the key for as long as a hold lasts, and takes over only if nobody renewed it meanwhile. The owner counts its hold from before it
 * was written, on the wall clock and on the elapsed time, whichever ends first. Throws `INVALID_OPTION`.
 */
export function createAccountLease(options: AccountLeaseOptions): AccountLease {
  const { account, owner, store, clock, timers, ttlMs = 5_000 } = options
  if (!(ttlMs >= 1_000 && ttlMs <= 60_000))
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `createAccountLease: ttlMs is ${ttlMs}; it must be from 1000 to 60000`,
    })
  const key = `lease/${account}`
  const elapsed = (): number => clock.elapsed?.() ?? clock.now()
  let held: { readonly token: number; readonly expiresAt: EpochMs; readonly endsElapsed: number } | undefined
  let lostTo: string | undefined
  /** It was given back by this instance, or is being so: a renewal that is under way yet takes it up no more. */
  let isGivenBack = false

  const leased = (by: string): SwarmError =>
    new SwarmError({
      code: 'ACCOUNT_LEASED',
      message: `account ${account} is held by ${by}, which is alive; stop it first, or wait until its hold lapses`,
      retryability: 'retryable',
    })
  const read = async (): Promise<{ readonly revision: number; readonly stored: Stored | undefined }> => {
    const entry = await store.get(key)
    return { revision: entry?.revision ?? 0, stored: entry === undefined ? undefined : parseStored(entry.value, key) }
  }
  const write = async (revision: number, token: number, released: boolean): Promise<LeaseGrant> => {
    const startedAt = clock.now()
    const startedElapsed = elapsed()
    const expiresAt = startedAt + ttlMs
    const value: Stored = { owner, token, ttlMs, expiresAt, released }
    await store.save(key, JSON.stringify(value), revision)
    held = released || isGivenBack ? undefined : { token, expiresAt, endsElapsed: startedElapsed + ttlMs }
    return { token, expiresAt }
  }
  const waitFor = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      timers.at(clock.now() + ms, () => resolve())
    })
  const isFree = (stored: Stored | undefined): boolean =>
    stored === undefined || stored.released || clock.now() - stored.expiresAt > mostClocksDifferMs

  return {
    renewEveryMs: Math.floor(ttlMs / 3),
    async acquire() {
      isGivenBack = false
      let found = await read()
      const { stored } = found
      if (stored !== undefined && !isFree(stored)) {
        await waitFor(stored.ttlMs + graceMs)
        const again = await read()
        if (again.revision !== found.revision && again.stored?.released !== true)
          throw leased(again.stored?.owner ?? stored.owner)
        found = again
      }
      try {
        const grant = await write(found.revision, (found.stored?.token ?? 0) + 1, false)
        lostTo = undefined
        return grant
      } catch (thrown) {
        if (SwarmError.isInstance(thrown, 'REVISION_CONFLICT')) throw leased((await read()).stored?.owner ?? 'another')
        throw thrown
      }
    },
    async renew() {
      let { revision, stored } = await read()
      const token = held?.token
      const isOurs = (): boolean =>
        lostTo === undefined && token !== undefined && stored?.owner === owner && stored.token === token
      for (let attempt = 1; !isGivenBack && isOurs(); attempt += 1) {
        try {
          return await write(revision, token ?? 0, false)
        } catch (thrown) {
          if (!SwarmError.isInstance(thrown, 'REVISION_CONFLICT') || attempt === maximumConflicts) throw thrown
        }
        // An earlier renewal of ours, of which nobody waited for the answer any more, may have come between.
        ;({ revision, stored } = await read())
      }
      if (isGivenBack)
        throw new SwarmError({
          code: 'LEASE_RELEASED',
          message: `account ${account} was given back by this instance; acquire it before it is renewed`,
        })
      lostTo ??= stored === undefined || stored.owner === owner ? 'another instance' : stored.owner
      throw new SwarmError({
        code: 'LEASE_LOST',
        message: `account ${account} is held by ${lostTo} now; this instance sends nothing any more`,
      })
    },
    async release() {
      const token = held?.token
      held = undefined
      isGivenBack = true
      if (token === undefined) return
      for (let attempt = 1; ; attempt += 1) {
        const { revision, stored } = await read()
        if (stored?.owner !== owner || stored.token !== token) return
        try {
          await write(revision, token, true)
          return
        } catch (thrown) {
          // A renewal that was under way came between.
          if (!SwarmError.isInstance(thrown, 'REVISION_CONFLICT') || attempt === maximumConflicts) throw thrown
        }
      }
    },
    lapsed() {
      if (lostTo !== undefined) return `account ${account} is held by ${lostTo}`
      if (held === undefined) return `account ${account} is not held by this instance`
      if (clock.now() < held.expiresAt && elapsed() < held.endsElapsed) return undefined
      return `the hold of this instance on account ${account} was not renewed in time`
    },
  }
}

function parseStored(text: string, key: string): Stored {
  const given: unknown = JSON.parse(text)
  if (typeof given === 'object' && given !== null) {
    const { owner, token, ttlMs, expiresAt, released } = given as Readonly<Record<string, unknown>>
    if (
      typeof owner === 'string' &&
      Number.isSafeInteger(token) &&
      typeof ttlMs === 'number' &&
      typeof expiresAt === 'number'
    )
      return { owner, token: token as number, ttlMs, expiresAt, released: released === true }
  }
  throw new SwarmError({
    code: 'LEASE_UNREADABLE',
    message: `key "${key}" does not hold a lease; delete it once it is certain that no other instance runs`,
  })
}
