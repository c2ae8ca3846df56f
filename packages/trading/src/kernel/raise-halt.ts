import { type HaltScope, scopeKey } from '../risk/halt-scope.js'
import type { AutomaticHaltCause } from '../risk/risk-state.js'
import { commit, type KernelRuntime, tradingStateIn } from './kernel-runtime.js'

/** Sets `reducing` for the account by a cause; while that cause holds already, nothing happens. */
export function raiseHalt(runtime: KernelRuntime, cause: AutomaticHaltCause | 'agent', reason: string): void {
  if (runtime.state.risk.halts[cause] !== undefined) return
  commit(runtime, { type: 'halted', time: runtime.clock.now(), cause, state: 'reducing', reason })
  tellState(runtime, reason)
}

/** Tells how trading stands in a scope, after a change. */
export function tellState(runtime: KernelRuntime, reason: string, scope?: HaltScope): void {
  const { state } = tradingStateIn(runtime, scope)
  const scoped = scope === undefined ? {} : { scope }
  runtime.outbox.push({ type: 'trading-state', state, reason, time: runtime.clock.now(), ...scoped })
}

/** The key of a scope; the account has none. */
export function keyOf(scope: HaltScope | undefined): string | undefined {
  return scope === undefined ? undefined : scopeKey(scope)
}
