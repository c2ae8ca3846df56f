import { type Clock, type EpochMs, SwarmError } from '@tradeswarm/core'
import { orderHash } from '../orders/order-hash.js'
import type { AccountMode, SignedOrder } from './permit.js'

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

/** The checks that every guard makes once it knows where an order comes from: use, age, account and mode, hash, standing. */
export function createPermitChecks(
  scope: PermitScope,
  options: { readonly clock: Clock; readonly standing: () => Standing },
): PermitChecks {
  /** Used permits by id, until they expire: after that the guard has another reason to refuse. */
  const used = new Map<string, EpochMs>()
  return (order, isBound = false) => {
    const { permit, request } = order
    if (used.has(permit.permitId)) refusePermit('PERMIT_USED', order, 'its permit was used before')
    const now = options.clock.now()
    if (now > permit.expiresAt)
      refusePermit('PERMIT_EXPIRED', order, 'its permit has expired; ask for a new assessment')
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
    forgetExpired(used, now)
    used.set(permit.permitId, permit.expiresAt)
  }
}

function forgetExpired(used: Map<string, EpochMs>, now: EpochMs): void {
  for (const [permitId, expiresAt] of used) {
    if (expiresAt >= now) return
    used.delete(permitId)
  }
}
