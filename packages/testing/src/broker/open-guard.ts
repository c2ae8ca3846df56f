import { canonicalJson, SwarmError, sha256Hex } from '@tradeswarm/core'
import type { OrderRequest, PermitGuard, PermittedOrder } from '@tradeswarm/trading'

/** A guard that lets every order pass and remembers it, until it is told to refuse. */
export type OpenGuard = PermitGuard & {
  /** What was asked, in order, refused orders included. */
  readonly consumed: readonly OrderRequest[]
  /** An order with a permit that only this guard honours. */
  permit(request: OrderRequest): PermittedOrder
  /** From now on every order is refused with this code, or none when undefined. */
  refuse(code: string | undefined): void
}

/** A double of the risk authority's guard for tests of brokers. */
export function createOpenGuard(): OpenGuard {
  const consumed: OrderRequest[] = []
  let refusal: string | undefined
  let permits = 0
  return {
    consumed,
    permit(request) {
      permits += 1
      const permit = {
        permitId: `permit-${permits}`,
        orderHash: sha256Hex(canonicalJson(request)),
        issuedAt: 0,
        expiresAt: Number.MAX_SAFE_INTEGER,
        haltEpoch: 0,
        policyVersion: 1,
        reservationId: `reservation-${permits}`,
      }
      // The brand exists in the type system only; this double stands where the risk authority would.
      return Object.freeze({ request, permit }) as unknown as PermittedOrder
    },
    consume(order) {
      assertPermitted(order)
      consumed.push(order.request)
      if (refusal === undefined) return
      throw new SwarmError({ code: refusal, message: 'the guard was told to refuse every order' })
    },
    refuse(code) {
      refusal = code
    },
  }
}

/** As the guard of the risk authority does, which knows its permits. */
function assertPermitted(order: unknown): void {
  const { request, permit } = (order ?? {}) as Readonly<Record<string, unknown>>
  if (isObject(request) && isObject(permit)) return
  throw new SwarmError({
    code: 'PERMIT_FORGED',
    message: 'the order has no permit: give what permit(order) returns',
  })
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
