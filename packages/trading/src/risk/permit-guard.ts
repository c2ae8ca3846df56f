import { type Clock, createHmacSigner, equalInConstantTime } from '@tradeswarm/core'
import { type Permit, permitText, type SignedOrder } from './permit.js'
import { createPermitChecks, type PermitScope, refusePermit, type Standing } from './permit-checks.js'

/** What a guard away from its kernel is made of. */
export type PermitGuardOptions = PermitScope & {
  /** The kernel's `permitKey`: hex of 32 to 64 bytes. */
  readonly key: string
  readonly clock: Clock
  /** The kernel's standing as last heard. Not heard yet is for the caller to refuse, by throwing. */
  readonly standing: () => Standing
}

/** A guard that knows orders by their signature, for adapters in another process than the kernel. */
export type SignedPermitGuard = {
  /** As `PermitGuard.consume`, of an order that came over a wire. */
  consume(order: SignedOrder): void
}

/**
 * The guard of an adapter that shares the kernel's key but not its memory. The signature is checked first and in constant time; then what
 * every guard checks. A permit issued before this guard began is refused: nobody here knows whether it was used. Throws `INVALID_KEY`.
 */
export function createPermitGuard(options: PermitGuardOptions): SignedPermitGuard {
  const { account, mode, clock } = options
  const signer = createHmacSigner(options.key)
  const check = createPermitChecks({ account, mode }, { ...options, knowsByIdentity: false })
  const since = clock.now()
  return {
    consume(given) {
      const order = signedOrderOf(given)
      if (order === undefined) return refusePermit('PERMIT_FORGED', undefined, 'it is not a signed order')
      // Of the mode that the order names: one that was permitted for another mode is told apart from a forgery by the checks.
      const expected = signer(permitText(order.request.account, order.mode, order.permit))
      if (!equalInConstantTime(expected, order.signature))
        refusePermit('PERMIT_FORGED', order, 'its signature is not that of the risk authority')
      if (order.permit.issuedAt < since)
        refusePermit('PERMIT_EXPIRED', order, 'it was permitted before this guard began; ask for a new assessment')
      check(order)
    },
  }
}

const texts = ['permitId', 'orderHash', 'reservationId'] as const satisfies readonly (keyof Permit)[]
const numbers = ['issuedAt', 'expiresAt', 'haltEpoch', 'policyVersion'] as const satisfies readonly (keyof Permit)[]

/** A copy with own fields of the right kinds, which nobody else can alter while it is checked. */
function signedOrderOf(given: unknown): SignedOrder | undefined {
  if (!isRecord(given)) return undefined
  const { request, permit, mode, signature } = given
  if (!isRecord(request) || !isRecord(permit) || typeof signature !== 'string') return undefined
  if (mode !== 'paper' && mode !== 'demo' && mode !== 'live') return undefined
  if (typeof request['account'] !== 'string') return undefined
  if (!texts.every((field) => typeof permit[field] === 'string')) return undefined
  if (!numbers.every((field) => Number.isSafeInteger(permit[field]))) return undefined
  // Parsed: all that the signature covers was looked at, and the hash, which it covers, holds the request to the field.
  return { request: { ...request }, permit: { ...permit }, mode, signature } as unknown as SignedOrder
}

function isRecord(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === 'object' && given !== null
}
