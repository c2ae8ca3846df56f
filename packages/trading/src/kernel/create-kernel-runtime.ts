import type { OrderHeader } from '../orders/order-record.js'
import { createRiskAuthority } from '../risk/risk-authority.js'
import type { RiskContext } from '../risk/risk-context.js'
import { composeRules, type RuleChanges } from '../risk/rules/default-rules.js'
import { commit, type KernelRuntime } from './kernel-runtime.js'
import { createMarketBook } from './market-book.js'
import { createRiskContexts, type RiskInputs } from './risk-context-of.js'

export type KernelRuntimeParts = Pick<
  KernelRuntime,
  'state' | 'clock' | 'ids' | 'calendar' | 'logger' | 'journal' | 'killSwitch'
> & {
  /** What differs from the default rules. */
  readonly rules?: RuleChanges
  readonly riskInputs?: RiskInputs
}

/** A runtime over a state. */
export function createKernelRuntime(parts: KernelRuntimeParts): KernelRuntime {
  const { rules, riskInputs = {}, ...shared } = parts
  let contextOf: ((header: OrderHeader) => RiskContext) | undefined
  const authority = createRiskAuthority({
    clock: parts.clock,
    ids: parts.ids,
    currency: parts.state.currency,
    contextOf: (header) => {
      contextOf ??= createRiskContexts(runtime)
      return contextOf(header)
    },
    rules: composeRules(rules),
    standing: () => {
      const { policy, policyVersion, haltEpoch } = parts.state.risk
      return { policy, policyVersion, haltEpoch, entriesStopped: parts.killSwitch.engaged() || runtime.failed }
    },
    record: (header, verdict) => {
      commit(runtime, { type: 'order-assessed', time: parts.clock.now(), header, verdict })
    },
  })
  const runtime: KernelRuntime = {
    ...shared,
    riskInputs,
    market: createMarketBook(),
    authority,
    broker: undefined,
    reconciled: false,
    toldDifferences: new Set(),
    failed: false,
    outbox: [],
    askedAt: new Map(),
    uncovered: new Map(),
  }
  return runtime
}
