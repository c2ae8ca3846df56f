import { decimalText } from '../money/decimal.js'
import { type HaltScope, isInScope, scopeOfKey } from '../risk/halt-scope.js'
import { type RiskPolicyInput, riskPolicy } from '../risk/risk-policy.js'
import { type HaltCause, haltCauses, haltsIn } from '../risk/risk-state.js'
import { type Authorisation, assertOperator } from './authorise.js'
import type { HaltView } from './kernel.js'
import { commit, equityOf, type KernelRuntime, subjectOf, tradingState } from './kernel-runtime.js'
import { cancelUnprotective } from './protection-desk.js'
import { keyOf, raiseHalt, tellState } from './raise-halt.js'

/** What a halt holds for, and who asked for it. Stopping needs no authority, so nobody need be named. */
export type HaltDetails = { readonly scope?: HaltScope; readonly operator?: string }

/** An operator's halt. In `halted` entries of its scope that rest are cancelled; protective orders and exits on the way stay. It never loosens one. */
export async function halt(
  runtime: KernelRuntime,
  state: 'reducing' | 'halted',
  reason: string,
  { scope, operator }: HaltDetails = {},
): Promise<void> {
  const before = haltsIn(runtime.state.risk, keyOf(scope)).operator
  if (state === 'reducing' && before?.state === 'halted') return
  commit(runtime, {
    type: 'halted',
    time: runtime.clock.now(),
    cause: 'operator',
    state,
    reason,
    ...(scope === undefined ? {} : { scope }),
    ...(operator === undefined ? {} : { operator }),
  })
  tellState(runtime, reason, scope)
  if (state === 'halted') await cancelEntriesIn(runtime, scope, reason)
}

/** The Risk Manager's halt: entries stop until a person resumes. Asked again while it lasts, it changes nothing. */
export function reduceForAgent(runtime: KernelRuntime, reason: string, scope?: HaltScope): void {
  raiseHalt(runtime, 'agent', reason, scope)
}

/** Neither is lifted by a resume: they have acts of their own. */
const liftedByTheirOwn: ReadonlySet<HaltCause> = new Set(['kill-switch', 'freeze'])

/** Lifts the halts of one scope, but for kill switch and freeze. Throws `NOT_AUTHORIZED`. */
export function resume(
  runtime: KernelRuntime,
  { operator, reason, scope }: Authorisation & { readonly scope?: HaltScope },
): void {
  assertOperator(runtime, 'resume', operator)
  const causes = (Object.keys(haltsIn(runtime.state.risk, keyOf(scope))) as HaltCause[])
    .filter((cause) => !liftedByTheirOwn.has(cause))
    .sort()
  if (causes.length === 0) return
  const equity = equityOf(runtime)
  const rebased = equity === undefined ? {} : { equity: decimalText(equity) }
  const scoped = scope === undefined ? {} : { scope }
  commit(runtime, { type: 'resumed', time: runtime.clock.now(), causes, operator, reason, ...rebased, ...scoped })
  tellState(runtime, `resumed by ${operator}: ${reason}`, scope)
}

/** Puts another policy in force; permits given under the one before no longer hold. Throws `NOT_AUTHORIZED`, `INVALID_RISK_POLICY`. */
export function changePolicy(
  runtime: KernelRuntime,
  input: RiskPolicyInput,
  { operator, reason }: Authorisation,
): void {
  assertOperator(runtime, 'changePolicy', operator)
  commit(runtime, { type: 'policy-changed', time: runtime.clock.now(), policy: riskPolicy(input), operator, reason })
}

/** Cancels the entries of a scope that rest. */
export function cancelEntriesIn(runtime: KernelRuntime, scope: HaltScope | undefined, reason: string): Promise<void> {
  return cancelUnprotective(runtime, undefined, reason, ({ header }) => isInScope(scope, subjectOf(runtime, header)))
}

/** Cancels the entries of every scope that is halted, as after a restart. */
export async function cancelHaltedEntries(runtime: KernelRuntime): Promise<void> {
  const { killSwitch, state } = runtime
  const hasScopes = state.risk.scopedHalts !== undefined || killSwitch.scopes.size > 0
  if (!hasScopes && tradingState(runtime).state !== 'halted') return
  await cancelUnprotective(
    runtime,
    undefined,
    'trading is halted',
    ({ header }) => tradingState(runtime, header).state === 'halted',
  )
}

/** Every halt in force, the account's first, the gravest first. */
export function haltViews(runtime: KernelRuntime): readonly HaltView[] {
  const { halts, scopedHalts = {} } = runtime.state.risk
  const views: HaltView[] = []
  for (const [key, each] of [[undefined, halts] as const, ...Object.entries(scopedHalts)]) {
    for (const cause of haltCauses) {
      const found = each[cause]
      if (found !== undefined) views.push({ ...(key === undefined ? {} : { scope: scopeOfKey(key) }), cause, ...found })
    }
  }
  return views
}
