import { type Clock, type EpochMs, IdIndex, IdQueue, SwarmError } from '@tradeswarm/core'
import { orderHash } from '../orders/order-hash.js'
import type { AccountMode, Permit, SignedOrder } from './permit.js'

/** What a permit must still agree with when it is used. */
export type Standing = {
  readonly haltEpoch: number
  readonly policyVersion: number
  /** The kill switch is engaged, whether or not the journal could be told. */
  readonly entriesStopped: boolean
  /** Nothing at all is sent, not even exits, and why: the account is frozen, or another instance has it. */
  readonly nothingSent?: { readonly code: 'PERMIT_FROZEN' | 'PERMIT_FENCED'; readonly reason: string } | undefined
}

/** Whose orders a guard lets through. */
export type PermitScope = { readonly account: string; readonly mode: AccountMode }

/** Refuses an order, by a code that begins with `PERMIT_`. */
export function refusePermit(code: string, order: SignedOrder | undefined, why: string): never {
  throw new SwarmError({ code, message: `order ${String(order?.request?.clientOrderId)} was not sent: ${why}` })
}

/** Checks an order that is known to be the authority's own, and uses its permit up. `isBound`: the permit is known to be for this very request. */
export type PermitChecks = (order: SignedOrder, isBound?: boolean) => void

/**
 * So many used permits are remembered at least, beyond their expiry: a clock that is put back makes those good again. More are remembered
 * for as long as they have not expired.
 */
const keptPermits = 65_536
/** A permit that ends so much later was issued while the clock was far ahead: it holds up the forgetting of no other. */
const farAheadMs = 24 * 60 * 60_000

/** Used permits by id. */
class PermitMemory {
  readonly #used = new IdIndex<EpochMs>()
  /** Those that are remembered, in the order in which they may be forgotten. */
  readonly #order = new IdQueue()
  /** Nothing that ends at or before it is surely unused. */
  forgottenUntil = Number.NEGATIVE_INFINITY

  has(permitId: string): boolean {
    return this.#used.has(permitId)
  }

  add({ permitId, expiresAt }: Permit, now: EpochMs): void {
    this.#used.set(permitId, expiresAt)
    this.#order.add(permitId)
    for (let looked = 0; looked < 2 && this.#used.size > keptPermits; looked += 1) {
      const oldest = this.#order.oldest as string
      const end = this.#used.get(oldest) as EpochMs
      if (end >= now && end - now < farAheadMs) return
      this.#order.shift()
      if (end >= now) this.#order.add(oldest)
      else {
        this.#used.delete(oldest)
        this.forgottenUntil = Math.max(this.forgottenUntil, end)
      }
    }
  }
}

/**
 * The checks that every guard makes once it knows where an order comes from: use, age, account and mode, hash, standing. A guard that
 * `knowsByIdentity` which orders were used refuses none because its use may be forgotten.
 */
export function createPermitChecks(
  scope: PermitScope,
  options: { readonly clock: Clock; readonly standing: () => Standing; readonly knowsByIdentity: boolean },
): PermitChecks {
  const used = new PermitMemory()
  return (order, isBound = false) => {
    const { permit, request } = order
    if (used.has(permit.permitId)) refusePermit('PERMIT_USED', order, 'its permit was used before')
    const now = options.clock.now()
    if (now > permit.expiresAt)
      refusePermit('PERMIT_EXPIRED', order, 'its permit has expired; ask for a new assessment')
    if (permit.expiresAt <= used.forgottenUntil && !options.knowsByIdentity)
      refusePermit(
        'PERMIT_EXPIRED',
        order,
        'the clock was put back, and it may have been used; ask for a new assessment',
      )
    if (request.account !== scope.account || order.mode !== scope.mode)
      refusePermit(
        'PERMIT_MISMATCH',
        order,
        `it is for account ${request.account} (${order.mode}), and this is ${scope.account} (${scope.mode})`,
      )
    if (!isBound && orderHash(request) !== permit.orderHash)
      refusePermit('PERMIT_MISMATCH', order, 'it is not the order that was permitted')
    const standing = options.standing()
    if (standing.nothingSent !== undefined) refusePermit(standing.nothingSent.code, order, standing.nothingSent.reason)
    const stopped = standing.entriesStopped && !request.reduceOnly
    if (stopped || standing.haltEpoch !== permit.haltEpoch)
      refusePermit('PERMIT_STALE', order, 'trading was halted or resumed since it was permitted')
    if (standing.policyVersion !== permit.policyVersion)
      refusePermit('PERMIT_STALE', order, 'the risk policy has changed since it was permitted')
    used.add(permit, now)
  }
}
