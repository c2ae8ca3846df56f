import {
  type AgentClass,
  type AgentEntry,
  createSwarm,
  messageOf,
  type OperatorAct,
  type OutboundLimiterOptions,
  type Service,
  type StorageDefinition,
  type Swarm,
  SwarmError,
  type SwarmOptions,
  type SwarmRuntime,
} from '@tradeswarm/core'
import type { Instrument, MarketDataFeed, PortfolioView, TradingKernel, TradingState } from '@tradeswarm/trading'
import { Analyst } from '../analyst/analyst.js'
import { DataScout } from '../data-scout/data-scout.js'
import { Learning } from '../learning/learning.js'
import { RiskManager } from '../risk-manager/risk-manager.js'
import { createIntakeService } from '../services/intake-service.js'
import { createKernelService } from '../services/kernel-service.js'
import { createMarketService } from '../services/market-service.js'
import { Trader } from '../trader/trader.js'
import type { AgentRole, TradingSwarmDefinition } from './define-trading-swarm.js'

/** Options of `createSwarm` that are a trading swarm's own as they are. */
const handedOn = [
  'handlerTimeoutMs',
  'drainTimeoutMs',
  'maximumTries',
  'retryBackoff',
  'restartIntensity',
  'healthCheckMs',
  'leaseMs',
  'telemetry',
  'redact',
  'middleware',
  'onAlert',
] as const satisfies readonly (keyof SwarmOptions)[]

/** How the agents of a trading swarm are looked after: options of `createSwarm`, with its defaults and its refusals. */
export type TradingSwarmCare = Pick<SwarmOptions, (typeof handedOn)[number]>

/** The world that a trading swarm runs in, and how its agents are looked after. */
export type TradingSwarmRuntime = TradingSwarmCare & {
  readonly storage: StorageDefinition
  /** Where prices come from. */
  readonly feed: MarketDataFeed
  readonly instruments: readonly Instrument[]
  /** Cash that a new account starts with, by account: decimal texts. */
  readonly deposits?: Readonly<Record<string, string>>
  /** Currency of the accounts; default USD. */
  readonly currency?: string
  /** Fetches for sources; default the platform's. */
  readonly fetch?: typeof fetch
  /**
   * Limits the requests that all sources make by the `fetch` they are given; default 16 at once. An interval is counted on the machine's
   * clock.
   */
  readonly outbound?: OutboundLimiterOptions
  /** Accounts with real money are refused without it. */
  readonly allowLive?: boolean
  /** SHA-256 (hex) of the secret that resets the kill switch; without it there is no reset. */
  readonly killSwitchSecretHash?: string
  /** Services that start before all others. */
  readonly services?: readonly Service[]
  readonly runtime?: Partial<SwarmRuntime>
}

/** A running swarm with its kernels. */
export type TradingSwarm = Swarm & {
  /** The books of an account; of the only one by default. */
  portfolio(account?: string): PortfolioView
  tradingState(account?: string): { readonly state: TradingState; readonly reasons: readonly string[] }
  /** Stops all that adds exposure, at once and until reset, whatever else is broken. */
  kill(reason: string): Promise<void>
  resetKillSwitch(authorisation: { readonly operator: string; readonly secret: string }): Promise<void>
  halt(state: 'reducing' | 'halted', reason: string): Promise<void>
  resume(authorisation: { readonly operator: string; readonly reason: string }): Promise<void>
  kernel(account?: string): TradingKernel
}

const fiveAgents: Readonly<Record<AgentRole, AgentClass>> = {
  'data-scout': DataScout,
  analyst: Analyst,
  'risk-manager': RiskManager,
  trader: Trader,
  learning: Learning,
}

/** The five agents over their kernels, on one storage. Nothing opens before `start()`. Throws `LIVE_NOT_ALLOWED`, `NO_BROKER`, or what `createSwarm` throws. */
export function createTradingSwarm(definition: TradingSwarmDefinition, options: TradingSwarmRuntime): TradingSwarm {
  const brokers = definition.brokers ?? []
  if (brokers.length === 0)
    throw new SwarmError({
      code: 'NO_BROKER',
      message: 'the swarm has no account to trade on: add one to "brokers", such as createPaperBroker(...)',
    })
  const live = brokers.filter((broker) => broker.mode === 'live')
  if (live.length > 0 && options.allowLive !== true) {
    throw new SwarmError({
      code: 'LIVE_NOT_ALLOWED',
      message: `account ${live[0]?.account} trades real money: set allowLive: true if that is meant`,
    })
  }
  const kernelService = createKernelService({
    brokers,
    feed: options.feed,
    instruments: options.instruments,
    policy: definition.policy,
    rules: definition.rules,
    currency: options.currency ?? 'USD',
    calendar: options.instruments[0]?.calendar ?? 'us-equity',
    deposits: options.deposits ?? {},
    killSwitchSecretHash: options.killSwitchSecretHash,
  })
  const swarm = createSwarm({
    ...careOf(options),
    agents: [...agentEntries(definition), ...(definition.agents ?? [])],
    services: [
      ...(options.services ?? []),
      createMarketService({ feed: options.feed }),
      kernelService,
      createIntakeService({
        sources: definition.sources ?? [],
        symbols: definition.symbols,
        fetch: options.fetch ?? fetch,
        outbound: options.outbound,
      }),
    ],
    storage: options.storage,
    ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
  })
  const kernel = (account?: string): TradingKernel => {
    const found = kernelService.kernels.get(account ?? brokers[0]?.account ?? '')
    if (found) return found
    throw new SwarmError({
      code: 'ACCOUNT_NOT_FOUND',
      message: account === undefined ? 'the swarm has not started' : `there is no account "${account}"`,
    })
  }
  const everyKernel = async (act: (kernel: TradingKernel) => Promise<void>): Promise<void> => {
    await Promise.all([...kernelService.kernels.values()].map(act))
  }
  /** What stops trading must work even when the journal does not. */
  const noteIfPossible = (act: OperatorAct): void => {
    swarm
      .noteOperatorAct(act)
      .catch((error: unknown) =>
        options.runtime?.logger?.error('an act of an operator could not be journalled', { error: messageOf(error) }),
      )
  }
  // Not spread: `storage` of a swarm is known only once it runs.
  return Object.assign(Object.create(swarm) as Swarm, {
    kernel,
    portfolio: (account?: string) => kernel(account).portfolio(),
    tradingState: (account?: string) => kernel(account).tradingState(),
    kill(reason: string) {
      noteIfPossible({ act: 'kill', reason })
      return everyKernel((each) => each.kill(reason))
    },
    async resetKillSwitch(authorisation: { operator: string; secret: string }) {
      await swarm.noteOperatorAct({ act: 'reset-kill-switch', operator: authorisation.operator })
      await everyKernel((each) => each.resetKillSwitch(authorisation))
    },
    halt(state: 'reducing' | 'halted', reason: string) {
      noteIfPossible({ act: 'halt', state, reason })
      return everyKernel((each) => each.halt(state, reason))
    },
    async resume(authorisation: { operator: string; reason: string }) {
      await swarm.noteOperatorAct({ act: 'resume-trading', ...authorisation })
      await everyKernel((each) => each.resume(authorisation))
    },
  })
}

/** What was given, and nothing else that there is in the options: `createSwarm` is given the rest anew. */
function careOf(options: TradingSwarmRuntime): TradingSwarmCare {
  return Object.fromEntries(
    handedOn.flatMap((option) => (options[option] === undefined ? [] : [[option, options[option]]])),
  )
}

function agentEntries(definition: TradingSwarmDefinition): readonly AgentEntry[] {
  const { symbols, config = {}, replace = {} } = definition
  const configs: Readonly<Record<AgentRole, unknown>> = {
    'data-scout': { ...config['data-scout'], symbols },
    analyst: config.analyst,
    'risk-manager': { symbols },
    trader: config.trader,
    learning: config.learning,
  }
  return (Object.keys(fiveAgents) as AgentRole[]).map((role) => ({
    agent: replace[role] ?? fiveAgents[role],
    config: configs[role],
  }))
}
