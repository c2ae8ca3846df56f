import type { RequestFault, RequestKind } from '../scenario.js'
import type { NetworkConditions } from '../venue-session.js'

/** What befalls a request. */
export type Befallen = {
  readonly fault: RequestFault
  readonly lateMs?: number
  readonly retryAfterMs?: number | undefined
}

/** What befalls the next request of a kind; one that was to befall so many is counted down. */
export function takeFault(
  conditions: NetworkConditions,
  kind: RequestKind,
  cover: (what: string) => void,
): Befallen | undefined {
  const { storm } = conditions
  if (storm !== undefined) {
    const says = storm.retryAfterMs === undefined ? 'without' : 'with'
    if (storm.fault === 'rate-limited') cover(`rate limited ${says} Retry-After`)
    else cover(`5xx ${storm.fault === 'server-error-after' ? 'with' : 'without'} effect`)
    return storm
  }
  const index = conditions.faults.findIndex(({ on }) => on === kind)
  const found = conditions.faults[index]
  if (found === undefined) return undefined
  found.left -= 1
  if (found.left <= 0) conditions.faults.splice(index, 1)
  cover(`${kind}: ${found.fault}`)
  return found
}
