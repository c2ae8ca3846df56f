import { type KernelRecord, type RiskPolicy, riskPolicy } from '@tradeswarm/trading'
import type { Observation } from '../observation.js'
import type { Scenario } from '../scenario.js'

/** The policies that operators asked for, by life and version; not those that a kernel says it has. */
export type AskedPolicies = {
  observe(observation: Observation, versionBefore: (life: number) => number): void
  policy(life: number, version: number): RiskPolicy
}

/** Nobody has asked for another policy than the scenario's. */
export function createAskedPolicies({ policy }: Pick<Scenario, 'policy'>): AskedPolicies {
  const first = riskPolicy(policy)
  const policies = new Map<number, Map<number, RiskPolicy>>()
  const wanted = new Map<number, RiskPolicy[]>()
  return {
    observe(observation, versionBefore) {
      if (observation.type === 'call begun' && observation.call.policy !== undefined)
        wanted.get(observation.life.number)?.push(observation.call.policy)
      if (observation.type === 'life begun') {
        // What the life before was asked for holds on, as far as it was durable.
        const { number } = observation.life
        policies.set(number, new Map(policies.get(number - 1)))
        wanted.set(number, [])
      }
      if (observation.type !== 'appended') return
      if ((observation.entry.payload as KernelRecord).type !== 'policy-changed') return
      const { number } = observation.life
      const next = wanted.get(number)?.shift()
      if (next !== undefined) policies.get(number)?.set(versionBefore(number) + 1, next)
    },
    policy: (life, version) => policies.get(life)?.get(version) ?? first,
  }
}
