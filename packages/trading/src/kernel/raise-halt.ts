import { type HaltScope, scopeKey } from '../risk/halt-scope.js'
import { type AutomaticHaltCause, haltsIn } from '../risk/risk-state.js'
import { commit, type KernelRuntime, tradingStateIn } from './kernel-runtime.js'

/** Sets `reducing` by a cause, for the account unless a scope is named; while that cause holds there already, nothing happens. */
export function raiseHalt(
  runtime: KernelRuntime,
  cause: AutomaticHaltCause | 'agent',
  reason: string,
  scope?: HaltScope,
): void {
  if (haltsIn(runtime.state.risk, keyOf(scope))[cause] !== undefined) return
  const scoped = scope === undefined ? {} : { scope }
  commit(runtime, { type: 'halted', time: runtime.clock.now(), cause, state: 'reducing', reason, ...scoped })
  tellState(runtime, reason, scope)
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
