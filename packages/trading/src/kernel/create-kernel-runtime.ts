import { PeakWatch } from '../risk/loss-limits.js'
import type { AccountMode } from '../risk/permit.js'
import { createRiskAuthority, type RiskAuthorityOptions } from '../risk/risk-authority.js'
import { composeRules, composeUseRules, type RuleChanges } from '../risk/rules/default-rules.js'
import { recentEntries } from './automatic-halts.js'
import { commit, type KernelRuntime, nothingSent } from './kernel-runtime.js'
import { createMarketBook } from './market-book.js'
import { createRiskContexts, type RiskInputs } from './risk-context-of.js'

export type KernelRuntimeParts = Pick<
  KernelRuntime,
  | 'state'
  | 'clock'
  | 'ids'
  | 'calendar'
  | 'logger'
  | 'journal'
  | 'killSwitch'
  | 'venue'
  | 'operators'
  | 'limits'
  | 'hasTimers'
  | 'lease'
  | 'approvalLifetimeMs'
  | 'reconcileEveryMs'
> & {
  readonly account: string
  readonly mode: AccountMode
  readonly permitKey: string
  readonly needsApproval: RiskAuthorityOptions['needsApproval']
  /** What differs from the default rules. */
  readonly rules?: RuleChanges | undefined
  readonly riskInputs?: RiskInputs | undefined
}

/** A runtime over a state. */
export function createKernelRuntime({
  account,
  mode,
  permitKey,
  needsApproval,
  rules,
  riskInputs = {},
  ...parts
}: KernelRuntimeParts): KernelRuntime {
  let contextOf: ReturnType<typeof createRiskContexts> | undefined
  const authority = createRiskAuthority({
    clock: parts.clock,
    ids: parts.ids,
    currency: parts.state.currency,
    account,
    mode,
    permitKey,
    needsApproval,
    contextOf: (header, isNew) => {
      contextOf ??= createRiskContexts(runtime)
      return contextOf(header, isNew)
    },
    rules: composeRules(rules),
    useRules: composeUseRules(rules),
    standing: () => {
      const { policy, policyVersion, haltEpoch } = parts.state.risk
      return {
        policy,
        policyVersion,
        haltEpoch,
        entriesStopped: parts.killSwitch.engaged() || runtime.failed,
        nothingSent: nothingSent(runtime),
      }
    },
    record: (header, verdict) => {
      commit(runtime, { header, time: parts.clock.now(), type: 'order-assessed', verdict })
    },
  })
  const runtime: KernelRuntime = {
    ...parts,
    riskInputs,
    market: createMarketBook(),
    authority,
    broker: undefined,
    entryTimes: recentEntries(parts),
    startedAt: 0,
    clockSkewMs: undefined,
    clockSeen: undefined,
    dayKnownUntil: 0,
    permitsCheckedAt: undefined,
    reconciled: false,
    toldDifferences: new Set(),
    failed: false,
    stopped: false,
    freezes: 0,
    frozen: parts.state.risk.halts.freeze?.reason,
    outbox: [],
    unwritten: [],
    unansweredCancels: new Set(),
    cancelAskedAt: new Map(),
    askedAt: new Map(),
    toldFaults: new Map(),
    stopPlacedAt: new Map(),
    timeExitAt: new Map(),
    overdueSince: new Map(),
    waySince: new Map(),
    toldMissing: new Map(),
    comparedAt: undefined,
    agreedAt: undefined,
    missedOrders: new Set(),
    externalOrders: new Map(),
    externalHoldings: new Map(),
    traded: new Map(),
    peaks: new PeakWatch(),
    uncovered: new Map(),
  }
  return runtime
}
