import {
  type AgentClass,
  type AgentEntry,
  createSwarm,
  type OperatorAct,
  type OutboundLimiterOptions,
  type Service,
  type StorageDefinition,
  type Swarm,
  SwarmError,
  type SwarmOptions,
  type SwarmRuntime,
  type SwarmStatus,
} from '@tradeswarm/core'
import type {
  CalendarName,
  Instrument,
  KernelSettings,
  MarketDataFeed,
  PortfolioView,
  TradingCalendar,
  TradingKernel,
  TradingKernelOptions,
  TradingState,
} from '@tradeswarm/trading'
import { Analyst } from '../analyst/analyst.js'
import { ModelAnalyst } from '../analyst/model-analyst.js'
import { DataScout } from '../data-scout/data-scout.js'
import { Learning } from '../learning/learning.js'
import { analystModelConfig } from '../models/analyst-model-config.js'
import type { ModelStatistics } from '../models/model-statistics.js'
import { RiskManager } from '../risk-manager/risk-manager.js'
import { createIntakeService, type IntakeService } from '../services/intake-service.js'
import { createKernelService } from '../services/kernel-service.js'
import { createMarketService } from '../services/market-service.js'
import { createModelService, type ModelService } from '../services/model-service.js'
import { defaultPastBarsTimeoutMs, type PastBars } from '../services/past-bars.js'
import { Trader } from '../trader/trader.js'
import { type AccountActs, createAccountActs } from './account-acts.js'
import { explainAfterStop, handOutKernels } from './after-stop.js'
import { checkAccounts, checkedRoutes, checkMoney, hintOf } from './check-accounts.js'
import { takesSymbols } from './check-options.js'
import { checkRuntime } from './check-runtime.js'
import type { AgentRole, TradingSwarmDefinition } from './define-trading-swarm.js'
import { createOperatorActs, type OperatorActs } from './operator-acts.js'
import { scopeNames } from './unknown-scope.js'

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

/** Options of `createTradingKernel` that hold for all accounts of a swarm, as they are. */
const settingsOfKernels = [
  'lots',
  'riskInputs',
  'killSwitchSecretHash',
  'emergencySecretHash',
  'operators',
  'needsApproval',
  'approvalLifetimeMs',
  'automaticHalts',
  'killTimeoutMs',
  'stopTimeoutMs',
  'venueTimeoutMs',
  'reconcileEveryMs',
] as const satisfies readonly (keyof KernelSettings)[]

/** The world that a trading swarm runs in, how its agents are looked after, and what all its kernels are told. */
export type TradingSwarmRuntime = TradingSwarmCare &
  KernelSettings & {
    readonly storage: StorageDefinition
    /** Where prices come from. */
    readonly feed: MarketDataFeed
    readonly instruments: readonly Instrument[]
    /** Cash that a new account starts with, by account: decimal texts. All accounts, where any. */
    readonly deposits?: Readonly<Record<string, TradingKernelOptions['deposits']>>
    /** Currency of the accounts whose broker definition names none; default USD. */
    readonly currency?: string
    /**
     * Asked, once an account is held, for daily bars that have ended, in order of time: prices that its kernel begins with, and the history that
     * its rules ask about. Agents are not told of them. The newest 1,000,000 are used. Where they do not come in time, or asking fails, the
     * account starts without them, and an alert (`PAST_BARS_MISSING`, `PAST_BARS_CUT`) says so.
     */
    readonly pastBars?: PastBars
    /** In real time past bars are waited for so long; default 60,000. 1 to 3,600,000. */
    readonly pastBarsTimeoutMs?: number
    /** Trading hours in place of an exchange's own, by the name that instruments carry: such as those of a tape that plays fast. */
    readonly calendars?: Partial<Readonly<Record<CalendarName, TradingCalendar>>>
    /** Fetches for sources; default the platform's. */
    readonly fetch?: typeof fetch
    /**
     * Limits the requests that all sources make by the `fetch` they are given; default 16 at once. An interval is counted on the machine's
     * clock.
     */
    readonly outbound?: OutboundLimiterOptions
    /** Accounts with real money are refused without it. */
    readonly allowLive?: boolean
    /** All accounts by name: needed where some trade real money and others do not, so that none is taken for another. */
    readonly accounts?: readonly string[]
    /** Services that start before all others. */
    readonly services?: readonly Service[]
    readonly runtime?: Partial<SwarmRuntime>
  }

/** How a trading swarm is at the moment. */
export type TradingSwarmStatus = SwarmStatus & {
  /** What its models have done since the start; absent where it has none. */
  readonly models?: ModelStatistics
}

/** A running swarm with its kernels. */
export type TradingSwarm = Omit<Swarm, 'status'> &
  AccountActs &
  OperatorActs & {
    status(): TradingSwarmStatus
    /** The books of an account; of the only one by default. */
    portfolio(account?: string): PortfolioView
    tradingState(account?: string): { readonly state: TradingState; readonly reasons: readonly string[] }
    kernel(account?: string): TradingKernel
  }

const fiveAgents: Readonly<Record<AgentRole, AgentClass>> = {
  'data-scout': DataScout,
  analyst: Analyst,
  'risk-manager': RiskManager,
  trader: Trader,
  learning: Learning,
}

/** The five agents over their kernels, on one storage. Nothing opens before `start()`. Throws `LIVE_NOT_ALLOWED`, `MIXED_MODES`, `NO_BROKER`, `INVALID_OPTION`, or what `createSwarm` throws. */
export function createTradingSwarm(definition: TradingSwarmDefinition, options: TradingSwarmRuntime): TradingSwarm {
  const brokers = definition.brokers ?? []
  if (brokers.length === 0)
    throw new SwarmError({
      code: 'NO_BROKER',
      message: 'the swarm has no account to trade on: add one to "brokers", such as createPaperBroker(...)',
    })
  checkAccounts(brokers, options)
  checkMoney(brokers, options)
  const settings: KernelSettings = given(options, settingsOfKernels)
  checkRuntime(options, settings)
  const kernelService = createKernelService({
    brokers,
    feed: options.feed,
    policy: definition.policy,
    rules: definition.rules,
    currency: options.currency ?? 'USD',
    calendar: options.instruments[0]?.calendar ?? 'us-equity',
    calendars: options.calendars ?? {},
    pastBars: options.pastBars,
    pastBarsTimeoutMs: options.pastBarsTimeoutMs ?? defaultPastBarsTimeoutMs,
    deposits: options.deposits ?? {},
    symbols: definition.symbols,
    routes: checkedRoutes(definition, brokers, options.instruments),
    settings,
    isRealTime: options.runtime?.dispatcher?.virtual !== true,
  })
  const agents = [...agentEntries(definition), ...(definition.agents ?? [])]
  const intakeService = createIntakeService({
    sources: definition.sources ?? [],
    symbols: definition.symbols,
    fetch: options.fetch ?? fetch,
    outbound: options.outbound,
  })
  const modelService = modelServiceOf(definition, options, intakeService)
  const swarm = createSwarm({
    ...given(options, handedOn),
    agents,
    services: [
      ...(options.services ?? []),
      ...(definition.services ?? []),
      createMarketService({ feed: options.feed }),
      kernelService,
      intakeService,
      ...(modelService === undefined ? [] : [modelService]),
    ],
    storage: options.storage,
    ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
  })
  const kernel = (account?: string): TradingKernel => {
    const found = kernelService.kernels.get(account ?? brokers[0]?.account ?? '')
    if (found) return found
    throw new SwarmError({
      code: 'ACCOUNT_NOT_FOUND',
      message: noKernel(account, kernelService.kernels),
    })
  }
  const note = (act: OperatorAct): Promise<void> => swarm.noteOperatorAct(act)
  const acts = explainAfterStop(
    {
      ...createAccountActs(kernelService.kernels, note),
      ...createOperatorActs({
        kernels: kernelService,
        kernel,
        note,
        names: scopeNames(definition, agents.map(idOf)),
        logger: options.runtime?.logger,
      }),
    },
    kernelService.hasStopped,
  )
  // Not spread: `storage` of a swarm is known only once it runs.
  return Object.assign(Object.create(swarm) as Swarm, {
    ...acts,
    kernel: handOutKernels(kernel, kernelService.hasStopped),
    status(): TradingSwarmStatus {
      const models = modelService?.statistics()
      return { ...swarm.status(), ...(models === undefined ? {} : { models }) }
    },
    portfolio: (account?: string) => kernel(account).portfolio(),
    tradingState: (account?: string) => kernel(account).tradingState(),
  })
}

function noKernel(account: string | undefined, kernels: ReadonlyMap<string, TradingKernel>): string {
  if (account === undefined || kernels.size === 0) return 'the swarm has not started'
  return `there is no account "${account}"; ${hintOf(account, [...kernels.keys()])}`
}

function idOf(entry: AgentClass | AgentEntry): string {
  return 'agent' in entry ? (entry.id ?? entry.agent.role) : entry.role
}

/** What was given of some options, and nothing else that there is. */
function given<Name extends keyof TradingSwarmRuntime>(
  options: TradingSwarmRuntime,
  names: readonly Name[],
): Pick<TradingSwarmRuntime, Name> {
  return Object.fromEntries(
    names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  ) as unknown as Pick<TradingSwarmRuntime, Name>
}

function modelServiceOf(
  { model, config }: TradingSwarmDefinition,
  { runtime }: TradingSwarmRuntime,
  { textOf }: IntakeService,
): ModelService | undefined {
  if (model === undefined) return undefined
  return createModelService({
    model,
    textOf,
    config: analystModelConfig.parse(config?.analyst?.model ?? {}),
    isRealTime: runtime?.dispatcher?.virtual !== true,
  })
}

function agentEntries(definition: TradingSwarmDefinition): readonly AgentEntry[] {
  const { symbols, config = {}, replace = {} } = definition
  const classOf = (role: AgentRole): AgentClass =>
    replace[role] ?? (role === 'analyst' && definition.model !== undefined ? ModelAnalyst : fiveAgents[role])
  const withSymbols = (role: AgentRole, own: object | undefined): object | undefined =>
    takesSymbols(classOf(role)) ? { ...own, symbols } : own
  const configs: Readonly<Record<AgentRole, unknown>> = {
    'data-scout': withSymbols('data-scout', config['data-scout']),
    analyst: config.analyst,
    'risk-manager': withSymbols('risk-manager', undefined),
    trader: config.trader,
    learning: config.learning,
  }
  return (Object.keys(fiveAgents) as AgentRole[]).map((role) => ({ agent: classOf(role), config: configs[role] }))
}
