import { type Clock, SwarmError } from '@tradeswarm/core'
import { orderHash } from '../orders/order-hash.js'
import type { OrderRequest } from '../orders/order-request.js'
import type { Permit, PermitGuard, PermittedOrder } from './permit.js'

/** What a permit must still agree with when it is used. */
export type Standing = {
  readonly haltEpoch: number
  readonly policyVersion: number
  /** The kill switch is engaged, whether or not the journal could be told. */
  readonly entriesStopped: boolean
}

/** Makes the orders that brokers take, and uses up their permits. */
export type PermitDesk = {
  /** Binds a permit to its request. Only what comes from here passes the guard of the same desk. */
  mint(request: OrderRequest, permit: Permit): PermittedOrder
  readonly guard: PermitGuard
}

/**
 * A desk whose orders are known by identity: a literal or a copy is not among them, and what is frozen cannot be altered.
 */
export function createPermitDesk(options: { readonly clock: Clock; readonly standing: () => Standing }): PermitDesk {
  const minted = new WeakSet<PermittedOrder>()
  /** Used permits by id, until they expire: after that the guard has another reason to refuse. */
  const used = new Map<string, number>()
  const refuse = (code: string, order: PermittedOrder, why: string): never => {
    throw new SwarmError({ code, message: `order ${String(order?.request?.clientOrderId)} was not sent: ${why}` })
  }
  return {
    mint(request, permit) {
      const order = Object.freeze({
        request: Object.freeze({ ...request }),
        permit: Object.freeze({ ...permit }),
      }) as PermittedOrder
      minted.add(order)
      return order
    },
    guard: {
      consume(order) {
        if (typeof order !== 'object' || order === null || !minted.has(order))
          refuse('PERMIT_FORGED', order, 'no risk authority made its permit')
        const { permit, request } = order
        if (used.has(permit.permitId)) refuse('PERMIT_USED', order, 'its permit was used before')
        const now = options.clock.now()
        if (now > permit.expiresAt) refuse('PERMIT_EXPIRED', order, 'its permit has expired; ask for a new assessment')
        if (orderHash(request) !== permit.orderHash)
          refuse('PERMIT_MISMATCH', order, 'it is not the order that was permitted')
        const standing = options.standing()
        const stopped = standing.entriesStopped && !request.reduceOnly
        if (stopped || standing.haltEpoch !== permit.haltEpoch)
          refuse('PERMIT_STALE', order, 'trading was halted or resumed since it was permitted')
        if (standing.policyVersion !== permit.policyVersion)
          refuse('PERMIT_STALE', order, 'the risk policy has changed since it was permitted')
        forgetExpired(used, now)
        used.set(permit.permitId, permit.expiresAt)
      },
    },
  }
}

function forgetExpired(used: Map<string, number>, now: number): void {
  for (const [permitId, expiresAt] of used) {
    if (expiresAt >= now) return
    used.delete(permitId)
  }
}
