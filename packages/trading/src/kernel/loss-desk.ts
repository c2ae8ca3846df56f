import { breachedLimits } from '../risk/loss-limits.js'
import { commit, equityOf, type KernelRuntime, tradingState } from './kernel-runtime.js'

/** Sets `reducing` when equity, as it stands at the last prices, has passed a loss limit. */
export function checkLosses(runtime: KernelRuntime): void {
  const equity = equityOf(runtime)
  if (equity === undefined) return
  const time = runtime.clock.now()
  for (const { cause, reason } of breachedLimits(runtime.state.risk, equity)) {
    commit(runtime, { type: 'halted', time, cause, state: 'reducing', reason })
    runtime.outbox.push({ type: 'trading-state', state: tradingState(runtime).state, reason, time })
  }
}
