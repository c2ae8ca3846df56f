import { canonicalJson, sha256Hex } from '@tradeswarm/core'
import type { OrderRequest } from './order-request.js'

/** SHA-256 over every field that goes over the wire: what a permit is bound to. */
export function orderHash(request: OrderRequest): string {
  return sha256Hex(canonicalJson(request))
}
