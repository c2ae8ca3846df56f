import type { AccountMode } from '../risk/permit.js'
import { createRiskAuthority, type RiskAuthorityOptions } from '../risk/risk-authority.js'
import { recentEntries } from './automatic-halts.js'
import { commit, type KernelRuntime, nothingSent } from './kernel-runtime.js'
import { createMarketBook } from './market-book.js'
import { riskContextOf } from './risk-context-of.js'

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
  | 'lease'
  | 'approvalLifetimeMs'
  | 'reconcileEveryMs'
> & {
  readonly account: string
  readonly mode: AccountMode
  readonly permitKey: string
  readonly needsApproval: RiskAuthorityOptions['needsApproval']
}

/** A runtime over a state. */
export function createKernelRuntime({
  account,
  mode,
  permitKey,
  needsApproval,
  ...parts
}: KernelRuntimeParts): KernelRuntime {
  const authority = createRiskAuthority({
    clock: parts.clock,
    ids: parts.ids,
    currency: parts.state.currency,
    account,
    mode,
    permitKey,
    needsApproval,
    contextOf: (header) => riskContextOf(runtime, header),
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
      commit(runtime, { type: 'order-assessed', time: parts.clock.now(), header, verdict })
    },
  })
  const runtime: KernelRuntime = {
    ...parts,
    market: createMarketBook(),
    authority,
    broker: undefined,
    entryTimes: recentEntries(parts),
    startedAt: 0,
    clockSkewMs: undefined,
    dayKnownUntil: 0,
    reconciled: false,
    toldDifferences: new Set(),
    failed: false,
    stopped: false,
    frozen: parts.state.risk.halts.freeze?.reason,
    outbox: [],
    askedAt: new Map(),
    toldMissing: new Map(),
    comparedAt: undefined,
    agreedAt: undefined,
    missedOrders: new Set(),
    externalOrders: new Map(),
    externalHoldings: new Map(),
    uncovered: new Map(),
  }
  return runtime
}
