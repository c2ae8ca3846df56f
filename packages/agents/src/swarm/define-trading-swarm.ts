import { type AgentClass, type AgentEntry, SwarmError } from '@tradeswarm/core'
import type { SignalSource } from '@tradeswarm/signals'
import { type BrokerDefinition, type RiskPolicyInput, riskPolicy } from '@tradeswarm/trading'
import { z } from 'zod'
import { analystConfig } from '../analyst/analyst-config.js'
import { dataScoutConfig } from '../data-scout/data-scout-config.js'
import { Learning } from '../learning/learning.js'
import { traderConfig } from '../trader/trader-config.js'

/** The five places in a trading swarm. */
export type AgentRole = 'data-scout' | 'analyst' | 'trader' | 'risk-manager' | 'learning'

/** Options of the five, by role; what is left out keeps its default. */
export type AgentConfigs = {
  readonly 'data-scout'?: z.input<typeof dataScoutConfig>
  readonly analyst?: z.input<typeof analystConfig>
  readonly trader?: z.input<typeof traderConfig>
  readonly learning?: z.input<typeof Learning.config>
}

/** What a trading swarm is made of. */
export type TradingSwarmOptions = {
  /** What is watched and traded. */
  readonly symbols: readonly string[]
  /** Where it is traded; a backtest takes a paper broker instead. */
  readonly brokers?: readonly BrokerDefinition[]
  /** Where posts and news come from; a backtest takes its tape instead. */
  readonly sources?: readonly SignalSource[]
  /** Limits of the risk authority; what is not stated keeps its default. */
  readonly policy?: RiskPolicyInput
  /** Further agents beside the five. */
  readonly agents?: readonly (AgentClass | AgentEntry)[]
  /** Agents in place of some of the five, by role. They must have the role that they replace. */
  readonly replace?: Partial<Readonly<Record<AgentRole, AgentClass>>>
  /** Options of the five, by role. */
  readonly config?: AgentConfigs
}

/** A trading swarm as data: what `createTradingSwarm` runs and `backtest` tests. */
export type TradingSwarmDefinition = TradingSwarmOptions & { readonly kind: 'trading-swarm' }

const symbolsSchema = z.array(z.string().min(1).max(32)).min(1).max(10_000)

/**
 * Checks a trading swarm's options and returns them as an inert definition.
 * Throws `INVALID_OPTION` or `INVALID_RISK_POLICY`, naming the option.
 */
export function defineTradingSwarm(options: TradingSwarmOptions): TradingSwarmDefinition {
  const symbols = symbolsSchema.safeParse(options.symbols)
  if (!symbols.success) throw invalid('symbols', 'give at least one symbol, such as ["AAPL"]')
  if (new Set(symbols.data).size !== symbols.data.length) throw invalid('symbols', 'a symbol is named twice')
  riskPolicy(options.policy)
  checkConfigs(options.config ?? {})
  for (const [role, agent] of Object.entries(options.replace ?? {})) {
    if (agent.role !== role)
      throw invalid(`replace.${role}`, `the class has the role "${agent.role}": give it the role that it replaces`)
  }
  const names = (options.sources ?? []).map((source) => source.name)
  if (new Set(names).size !== names.length) throw invalid('sources', 'two sources have the same name')
  return { ...options, kind: 'trading-swarm' }
}

function checkConfigs(configs: AgentConfigs): void {
  const schemas: Readonly<Record<string, z.ZodType>> = {
    'data-scout': dataScoutConfig,
    analyst: analystConfig,
    trader: traderConfig,
    learning: Learning.config,
  }
  for (const [role, config] of Object.entries(configs)) {
    const schema = schemas[role]
    if (schema === undefined)
      throw invalid(`config.${role}`, `there is no such role; there are: ${Object.keys(schemas).join(', ')}`)
    const result = schema.safeParse(config)
    if (result.success) continue
    const issue = result.error.issues[0]
    throw invalid(`config.${role}.${issue?.path.join('.') ?? ''}`, issue?.message ?? 'is not valid')
  }
}

function invalid(option: string, message: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `defineTradingSwarm: ${option}: ${message}`,
    context: { option },
  })
}
