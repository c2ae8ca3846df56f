import { breachedLimits } from '../risk/loss-limits.js'
import { equityOf, type KernelRuntime } from './kernel-runtime.js'
import { raiseHalt } from './raise-halt.js'

/** Sets `reducing` when equity, as it stands at the last prices, has passed a loss limit. */
export function checkLosses(runtime: KernelRuntime): void {
  const equity = equityOf(runtime)
  if (equity === undefined) return
  for (const { cause, reason } of breachedLimits(runtime.state.risk, equity)) raiseHalt(runtime, cause, reason)
}
