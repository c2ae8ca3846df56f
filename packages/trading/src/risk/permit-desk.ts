import { type Clock, createHmacSigner } from '@tradeswarm/core'
import type { OrderRequest } from '../orders/order-request.js'
import { type AccountMode, type Permit, type PermitGuard, type PermittedOrder, permitText } from './permit.js'
import { createPermitChecks, type PermitScope, refusePermit, type Standing } from './permit-checks.js'

/** Makes the orders that brokers take, and uses up their permits. */
export type PermitDesk = {
  /** Binds a permit to its request. Only what comes from here passes the guard of the same desk. */
  mint(request: OrderRequest, permit: Permit): PermittedOrder
  readonly guard: PermitGuard
}

/** What a desk is made of. */
export type PermitDeskOptions = PermitScope & {
  readonly clock: Clock
  readonly standing: () => Standing
  /** Signs orders for adapters in other processes, which check them by `createPermitGuard`: hex of 32 to 64 bytes. */
  readonly key: string
}

/**
 * A desk whose orders are known by identity: a literal or a copy is not among them, and what is frozen cannot be altered. In one process
 * that is proof enough and costs nothing, so an order is signed only when somebody reads its signature. Throws `INVALID_KEY`.
 */
export function createPermitDesk(options: PermitDeskOptions): PermitDesk {
  const minted = new WeakSet<PermittedOrder>()
  const { account, mode } = options
  const check = createPermitChecks({ account, mode }, { ...options, knowsByIdentity: true })
  const signer = createHmacSigner(options.key)
  const sign = (permit: Permit): string => signer(permitText(account, mode, permit))
  return {
    mint(request, permit) {
      // The brand exists in the type system only; what the guard knows is the object itself.
      const order = new MintedOrder(request, permit, mode, sign) as unknown as PermittedOrder
      minted.add(order)
      return order
    },
    guard: {
      consume(order) {
        if (typeof order !== 'object' || order === null || !minted.has(order))
          refusePermit('PERMIT_FORGED', order, 'no risk authority made its permit')
        const known = order as unknown as MintedOrder
        // Whatever the clock says: an order that was let through is not let through again.
        if (known.isSpent()) refusePermit('PERMIT_USED', order, 'its permit was used before')
        check(order)
        known.spend()
      },
    },
  }
}

/** Frozen, and plain JSON with its signature once it is written out. */
class MintedOrder {
  readonly request: OrderRequest
  readonly permit: Permit
  readonly mode: AccountMode
  readonly #sign: (permit: Permit) => string
  /** The frozen object can still change what nobody else can reach. */
  #spent = false

  constructor(request: OrderRequest, permit: Permit, mode: AccountMode, sign: (permit: Permit) => string) {
    this.request = Object.freeze({ ...request })
    this.permit = Object.freeze({ ...permit })
    this.mode = mode
    this.#sign = sign
    Object.freeze(this)
  }

  isSpent(): boolean {
    return this.#spent
  }

  spend(): void {
    this.#spent = true
  }

  get signature(): string {
    return this.#sign(this.permit)
  }

  toJSON(): unknown {
    const { request, permit, mode, signature } = this
    return { request, permit, mode, signature }
  }
}
