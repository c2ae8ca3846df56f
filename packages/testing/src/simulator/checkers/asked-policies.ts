import { type KernelRecord, type RiskPolicy, riskPolicy } from '@tradeswarm/trading'
import type { Observation, OperatorCall } from '../observation.js'
import type { Scenario } from '../scenario.js'

/** The policies that operators asked for, by life and version; not those that a kernel says it has. */
export type AskedPolicies = {
  observe(observation: Observation, versionBefore: (life: number) => number): void
  policy(life: number, version: number): RiskPolicy
}

type Change = {
  readonly call: OperatorCall
  readonly policy: RiskPolicy
  /** The version in force before it was journalled; absent until then. */
  before?: number
}

/**
 * Nobody has asked for another policy than the scenario's. A change that is under way may be taken back: the policy of before it then has a
 * version of its own. A change that nobody asked for changes nothing here.
 */
export function createAskedPolicies({ policy }: Pick<Scenario, 'policy'>): AskedPolicies {
  const first = riskPolicy(policy)
  const policies = new Map<number, Map<number, RiskPolicy>>()
  const wanted = new Map<number, Change[]>()
  const policyOf = (life: number, version: number): RiskPolicy => policies.get(life)?.get(version) ?? first
  const noteJournalled = (life: number, record: Extract<KernelRecord, { type: 'policy-changed' }>, before: number) => {
    const changes = wanted.get(life) ?? []
    const back = changes.find((change) => change.before !== undefined)
    const next = changes.find((change) => change.before === undefined)
    const isTakenBack = back?.before !== undefined && isSame(record.policy, policyOf(life, back.before))
    const inForce = isTakenBack ? record.policy : (next?.policy ?? policyOf(life, before))
    if (isTakenBack) changes.splice(changes.indexOf(back), 1)
    else if (next !== undefined) next.before = before
    policies.get(life)?.set(before + 1, inForce)
  }
  return {
    observe(observation, versionBefore) {
      if (observation.type === 'call begun' && observation.call.policy !== undefined) {
        const { call, life } = observation
        wanted.get(life.number)?.push({ call, policy: observation.call.policy })
      }
      if (observation.type === 'call done') {
        const changes = wanted.get(observation.life.number)
        const at = changes?.findIndex(({ call }) => call === observation.call) ?? -1
        if (at >= 0) changes?.splice(at, 1)
      }
      if (observation.type === 'life begun') {
        // What the life before was asked for holds on, as far as it was durable.
        const { number } = observation.life
        policies.set(number, new Map(policies.get(number - 1)))
        wanted.set(number, [])
      }
      if (observation.type !== 'appended') return
      const record = observation.entry.payload as KernelRecord
      const { number } = observation.life
      if (record.type === 'policy-changed') noteJournalled(number, record, versionBefore(number))
    },
    policy: policyOf,
  }
}

/** Both were made from what was asked for in the same way, so that their fields come in the same order. */
function isSame(one: RiskPolicy, other: RiskPolicy): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
