import { type Clock, createHmacSigner } from '@tradeswarm/core'
import type { OrderRequest } from '../orders/order-request.js'
import {
  type AccountMode,
  type Permit,
  type PermitGuard,
  type PermittedOrder,
  permitText,
  type SignedOrder,
} from './permit.js'
import { createPermitChecks, type PermitScope, refusePermit, type Standing } from './permit-checks.js'

/** Makes the orders that brokers take, and uses up their permits. */
export type PermitDesk = {
  /**
   * Remembers which request a permit was made for, and freezes both: an order that is minted of these very two needs no second look at the
   * hash. Of many that are never minted the oldest are forgotten, and looked at again.
   */
  remember(request: OrderRequest, permit: Permit): void
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

/** So many permits are remembered with their requests. */
const mostRemembered = 1_000

/**
 * A desk whose orders are known by identity: a literal or a copy is not among them, and what is frozen cannot be altered. In one process
 * that is proof enough and costs nothing, so an order is signed only when somebody reads its signature. Throws `INVALID_KEY`.
 */
export function createPermitDesk(options: PermitDeskOptions): PermitDesk {
  const permitted = new RememberedPermits()
  const { account, mode } = options
  const check = createPermitChecks({ account, mode }, { ...options, knowsByIdentity: true })
  const signer = createHmacSigner(options.key)
  const sign = (permit: Permit): string => signer(permitText(account, mode, permit))
  return {
    remember(request, permit) {
      permitted.add(Object.freeze(permit), Object.freeze(request))
    },
    mint(request, permit) {
      const isBound = permitted.take(permit, request)
      // The brand exists in the type system only; what the guard knows is the object itself.
      return new MintedOrder({ request, permit, mode }, sign, isBound) as unknown as PermittedOrder
    },
    guard: {
      consume(order) {
        const minted: unknown = order
        if (!MintedOrder.isBy(sign, minted)) refusePermit('PERMIT_FORGED', order, 'no risk authority made its permit')
        // Whatever the clock says: an order that was let through is not let through again.
        if (MintedOrder.isSpent(minted)) refusePermit('PERMIT_USED', order, 'its permit was used before')
        check(order, MintedOrder.isBound(minted))
        MintedOrder.spend(minted)
      },
    },
  }
}

/** The last permits with their requests, in a ring: most are taken out soon after they came, so that they are looked for from the newest on. */
class RememberedPermits {
  readonly #permits: (Permit | undefined)[] = []
  readonly #requests: (OrderRequest | undefined)[] = []
  #next = 0

  add(permit: Permit, request: OrderRequest): void {
    this.#permits[this.#next] = permit
    this.#requests[this.#next] = request
    this.#next = (this.#next + 1) % mostRemembered
  }

  /** Whether a permit was made for a request; it is forgotten then. */
  take(permit: Permit, request: OrderRequest): boolean {
    const place = this.#placeOf(permit)
    if (place < 0 || this.#requests[place] !== request) return false
    this.#permits[place] = undefined
    this.#requests[place] = undefined
    return true
  }

  #placeOf(permit: Permit): number {
    const place = this.#next === 0 ? -1 : this.#permits.lastIndexOf(permit, this.#next - 1)
    return place >= 0 ? place : this.#permits.lastIndexOf(permit)
  }
}

type Sign = (permit: Permit) => string

/** Frozen, and plain JSON with its signature once it is written out. */
class MintedOrder {
  readonly request: OrderRequest
  readonly permit: Permit
  readonly mode: AccountMode
  readonly #sign: Sign
  readonly #isBound: boolean
  /** The frozen object can still change what nobody else can reach. */
  #spent = false

  /** `isBound`: the permit was made for this very request, and both are frozen. */
  constructor({ request, permit, mode }: Omit<SignedOrder, 'signature'>, sign: Sign, isBound: boolean) {
    this.request = isBound ? request : Object.freeze({ ...request })
    this.permit = isBound ? permit : Object.freeze({ ...permit })
    this.mode = mode
    this.#sign = sign
    this.#isBound = isBound
    Object.freeze(this)
  }

  /** Whether an object was made by a desk: nobody else has its `sign`. */
  static isBy(sign: Sign, order: unknown): order is MintedOrder {
    return typeof order === 'object' && order !== null && #sign in order && order.#sign === sign
  }

  static isBound(order: MintedOrder): boolean {
    return order.#isBound
  }

  static isSpent(order: MintedOrder): boolean {
    return order.#spent
  }

  static spend(order: MintedOrder): void {
    order.#spent = true
  }

  get signature(): string {
    return this.#sign(this.permit)
  }

  toJSON(): unknown {
    const { request, permit, mode, signature } = this
    return { request, permit, mode, signature }
  }
}
