import { decimalText } from '../money/decimal.js'
import { type HaltScope, isInScope, scopeOfKey } from '../risk/halt-scope.js'
import type { KillSwitch } from '../risk/kill-switch.js'
import { type RiskPolicy, type RiskPolicyInput, riskPolicy } from '../risk/risk-policy.js'
import { type Halt, type HaltCause, haltCauses, haltsIn } from '../risk/risk-state.js'
import { type Authorisation, assertOperator } from './authorise.js'
import { cancelUnprotective } from './cancel-unprotective.js'
import type { HaltView } from './kernel.js'
import type { KernelRecord } from './kernel-record.js'
import { commit, equityOf, type KernelRuntime, subjectOf, tradingState } from './kernel-runtime.js'
import { keptOrTakenBack } from './lasting-act.js'
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

/**
 * Lifts the halts of one scope, but for kill switch and freeze, once the journal has that. Throws `NOT_AUTHORIZED`, `JOURNAL_NOT_DURABLE`; they
 * stay then.
 */
export async function resume(
  runtime: KernelRuntime,
  { operator, reason, scope }: Authorisation & { readonly scope?: HaltScope },
): Promise<void> {
  assertOperator(runtime, 'resume', operator)
  const before = haltsIn(runtime.state.risk, keyOf(scope))
  const causes = (Object.keys(before) as HaltCause[]).filter((cause) => !liftedByTheirOwn.has(cause)).sort()
  if (causes.length === 0) return
  const equity = equityOf(runtime)
  const isUnpriced = equity === undefined && causes.some((cause) => cause === 'drawdown' || cause === 'daily-loss')
  const rebased = equity !== undefined ? { equity: decimalText(equity) } : isUnpriced ? { unpriced: true as const } : {}
  const scoped = scope === undefined ? {} : { scope }
  commit(runtime, { type: 'resumed', time: runtime.clock.now(), causes, operator, reason, ...rebased, ...scoped })
  await keptOrTakenBack(runtime, 'resume', () => {
    for (const cause of causes) {
      const halt = before[cause]
      if (halt !== undefined) commit(runtime, haltAgain(runtime, cause, halt, scope))
    }
  })
  const waits = isUnpriced ? '; losses are measured, and entries taken, from the first price of all that is held' : ''
  tellState(runtime, `resumed by ${operator}: ${reason}${waits}`, scope)
}

/** The record that puts a halt back in force as it was. */
export function haltAgain(
  { clock }: KernelRuntime,
  cause: HaltCause,
  { state, reason, operator }: Halt,
  scope?: HaltScope,
): KernelRecord {
  const by = operator === undefined ? {} : { operator }
  return { type: 'halted', time: clock.now(), cause, state, reason, ...by, ...(scope === undefined ? {} : { scope }) }
}

/**
 * Puts another policy in force, once the journal has it; permits given under the one before no longer hold. Throws `NOT_AUTHORIZED`,
 * `INVALID_RISK_POLICY`, `JOURNAL_NOT_DURABLE`; the one before stays in force then.
 */
export async function changePolicy(
  runtime: KernelRuntime,
  input: RiskPolicyInput,
  { operator, reason }: Authorisation,
): Promise<void> {
  assertOperator(runtime, 'changePolicy', operator)
  const { policy } = runtime.state.risk
  const change = (to: RiskPolicy): void => {
    commit(runtime, { type: 'policy-changed', time: runtime.clock.now(), policy: to, operator, reason })
  }
  change(riskPolicy(input))
  await keptOrTakenBack(runtime, 'changePolicy', () => change(policy))
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

/** Every halt in force, the account's first, the gravest first. A kill switch that the books do not have, as where the journal failed, too. */
export function haltViews({ state, killSwitch }: KernelRuntime): readonly HaltView[] {
  const { halts, scopedHalts = {} } = state.risk
  const views: HaltView[] = []
  const keys = new Set([undefined, ...Object.keys(scopedHalts), ...killSwitch.scopes.keys()])
  for (const key of keys) {
    const scope = key === undefined ? {} : { scope: scopeOfKey(key) }
    const each = key === undefined ? halts : (scopedHalts[key] ?? {})
    const since = killSwitch.since(key)
    for (const cause of haltCauses) {
      const found = each[cause]
      if (found !== undefined) views.push({ ...scope, cause, ...found })
      else if (cause === 'kill-switch' && since !== undefined)
        views.push({ ...scope, cause, state: 'halted', reason: reasonOf(killSwitch, key), since })
    }
  }
  return views
}

function reasonOf({ reason, scopes }: KillSwitch, key: string | undefined): string {
  return key === undefined ? reason() : (scopes.get(key) ?? '')
}
