import type { AgentClass, AgentEntry, Service } from '@tradeswarm/core'
import type { SignalSource } from '@tradeswarm/signals'
import {
  type BrokerDefinition,
  composeRules,
  type RiskPolicyInput,
  type RuleChanges,
  riskPolicy,
} from '@tradeswarm/trading'
import { z } from 'zod'
import type { modelAnalystConfig } from '../analyst/analyst-config.js'
import type { dataScoutOptions } from '../data-scout/data-scout-config.js'
import type { Learning } from '../learning/learning.js'
import { type AnalystModel, modelMistake } from '../models/analyst-model.js'
import type { traderConfig } from '../trader/trader-config.js'
import { checkOptions, invalidOption } from './check-options.js'

/** The five places in a trading swarm. */
export type AgentRole = 'data-scout' | 'analyst' | 'trader' | 'risk-manager' | 'learning'

/** Options of the five, by role; what is left out keeps its default. */
export type AgentConfigs = {
  readonly 'data-scout'?: z.input<typeof dataScoutOptions>
  /** `model` only where the swarm has one. */
  readonly analyst?: z.input<typeof modelAnalystConfig>
  readonly trader?: z.input<typeof traderConfig>
  readonly learning?: z.input<typeof Learning.config>
}

/** What a trading swarm is made of. */
export type TradingSwarmOptions = {
  /** What is watched and traded. */
  readonly symbols: readonly string[]
  /** Where it is traded; a backtest takes a paper broker instead. */
  readonly brokers?: readonly BrokerDefinition[]
  /** The account that trades a symbol, where several could; default the first broker that trades it. */
  readonly routes?: Readonly<Record<string, string>>
  /** Where posts and news come from; a backtest takes its tape instead. */
  readonly sources?: readonly SignalSource[]
  /**
   * A language model for the Analyst, or one for each part that models play in it. Without one it works on indicators, statistics and the
   * built-in sentiment model alone, and nothing pretends to be a language model.
   */
  readonly model?: AnalystModel
  /** Limits of the risk authority; what is not stated keeps its default. */
  readonly policy?: RiskPolicyInput
  /** Rules of one's own beside the risk authority's, and built-in ones that are replaced or not asked. */
  readonly rules?: RuleChanges
  /** Further agents beside the five. */
  readonly agents?: readonly (AgentClass | AgentEntry)[]
  /** Agents in place of some of the five, by role. They must have the role that they replace. */
  readonly replace?: Partial<Readonly<Record<AgentRole, AgentClass>>>
  /** Options of the five, by role. */
  readonly config?: AgentConfigs
  /** Services that belong to the swarm in every world, such as the recorder of a language model. They start before its market and kernels. */
  readonly services?: readonly Service[]
}

/** A trading swarm as data: what `createTradingSwarm` runs and `backtest` tests. */
export type TradingSwarmDefinition = TradingSwarmOptions & { readonly kind: 'trading-swarm' }

const symbolsSchema = z.array(z.string().min(1).max(32)).min(1).max(10_000)

/**
 * Checks a trading swarm's options and returns them as an inert definition.
 * Throws `INVALID_OPTION` or `INVALID_RISK_POLICY`, naming the option; one that there is not is refused with the nearest that there is.
 */
export function defineTradingSwarm(options: TradingSwarmOptions): TradingSwarmDefinition {
  checkOptions(options)
  const symbols = symbolsSchema.safeParse(options.symbols)
  if (!symbols.success) throw invalidOption('symbols', 'give at least one symbol, such as ["AAPL"]')
  if (new Set(symbols.data).size !== symbols.data.length) throw invalidOption('symbols', 'a symbol is named twice')
  const mistake = options.model === undefined ? undefined : modelMistake(options.model)
  if (mistake !== undefined) throw invalidOption('model', mistake)
  riskPolicy(options.policy)
  composeRules(options.rules)
  const names = (options.sources ?? []).map((source) => source.name)
  if (new Set(names).size !== names.length) throw invalidOption('sources', 'two sources have the same name')
  return { ...options, kind: 'trading-swarm' }
}
