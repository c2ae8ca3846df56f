import { createRiskAuthority } from '../risk/risk-authority.js'
import { commit, type KernelRuntime } from './kernel-runtime.js'
import { createMarketBook } from './market-book.js'
import { riskContextOf } from './risk-context-of.js'

export type KernelRuntimeParts = Pick<
  KernelRuntime,
  'state' | 'clock' | 'ids' | 'calendar' | 'logger' | 'journal' | 'killSwitch'
>

/** A runtime over a state. */
export function createKernelRuntime(parts: KernelRuntimeParts): KernelRuntime {
  const authority = createRiskAuthority({
    clock: parts.clock,
    ids: parts.ids,
    currency: parts.state.currency,
    contextOf: (header) => riskContextOf(runtime, header),
    standing: () => {
      const { policy, policyVersion, haltEpoch } = parts.state.risk
      return { policy, policyVersion, haltEpoch, entriesStopped: parts.killSwitch.engaged() || runtime.failed }
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
    reconciled: false,
    toldDifferences: new Set(),
    failed: false,
    outbox: [],
    unwritten: [],
    unansweredCancels: new Set(),
    askedAt: new Map(),
    uncovered: new Map(),
  }
  return runtime
}
