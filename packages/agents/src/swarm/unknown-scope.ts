import { nearestName } from '@tradeswarm/core'
import type { HaltScope } from '@tradeswarm/trading'
import type { TradingSwarmDefinition } from './define-trading-swarm.js'

/** The names that a halt's scope may give, as far as a definition tells. */
export type ScopeNames = Readonly<Record<'agent' | 'strategy' | 'venue', readonly string[]>>

/** The names of a swarm's agents, of the strategies that its options name, and of its venues. */
export function scopeNames(definition: TradingSwarmDefinition, agents: readonly string[]): ScopeNames {
  const { brokers = [], config = {}, policy = {} } = definition
  const principals = policy.principals ?? []
  return {
    agent: agents,
    strategy: [
      config.trader?.strategy ?? 'swarm',
      ...principals.flatMap(({ strategy }) => (strategy === undefined ? [] : [strategy])),
    ],
    venue: brokers.map(({ name }) => name),
  }
}

/**
 * What is odd about a scope that names nobody; undefined where it names somebody, or the account. It may be right all the same: agents of
 * one's own have strategies of their own, and some come later.
 */
export function unknownScope(act: string, scope: HaltScope | undefined, names: ScopeNames): string | undefined {
  const [kind, name] = (scope === undefined ? [] : Object.entries(scope)[0]) ?? []
  if (kind === undefined || name === undefined) return undefined
  const known = [...new Set(names[kind as keyof ScopeNames])]
  if (known.includes(name) || (kind === 'agent' && isReplica(name, known))) return undefined
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? `known are: ${known.join(', ')}` : `did you mean ${nearest}?`
  return `${act}: it holds for the ${kind} "${name.slice(0, 100)}", which nobody here is known by; ${hint}`
}

/** The second and later replicas of an agent have its id and a number. */
function isReplica(name: string, agents: readonly string[]): boolean {
  return agents.some((id) => name.startsWith(`${id}-`) && /^[0-9]+$/.test(name.slice(id.length + 1)))
}
