import type { LanguageModelV4 } from '@ai-sdk/provider'
import {
  assertKnownOptions,
  type ClockAndTimers,
  createSystemClock,
  createSystemIds,
  createSystemRandom,
  type Ids,
  type Random,
  type Storage,
  SwarmError,
} from '@tradeswarm/core'
import { wrapLanguageModel } from 'ai'
import { type Budget, type BudgetAlert, type BudgetLine, createBudget } from './budget/budget.js'
import type { BudgetLimits } from './budget/budget-limits.js'
import { budgetMiddleware } from './budget/budget-middleware.js'
import { budgetStoreOf } from './budget/budget-store.js'
import { answerStoreOf } from './cache/answer-store.js'
import type { CacheStatistics } from './cache/cache-statistics.js'
import { createExactCache, type ExactCache } from './cache/exact-cache.js'
import type { ExactCacheOptions } from './cache/exact-cache-options.js'
import { providerAddress } from './cache/provider-address.js'
import { promptLayout } from './layout/prompt-layout.js'
import type { ModelPrice } from './prices/model-price.js'
import { createPriceTable, type PriceTable } from './prices/price-table.js'
import { createGuards, type GuardOptions, guardedModel } from './routing/guarded-model.js'
import { type RouteOptions, routeModels } from './routing/route-models.js'

/** What is to be put around a model. */
export type SwarmEconomicsOptions = {
  /** `exact`, the default: the same call gets the same answer for an hour. `false`: none. */
  readonly cache?: 'exact' | false | Omit<ExactCacheOptions, 'clock' | 'ids' | 'store' | 'baseUrl'>
  /**
   * `true`: what is stable stands first and is marked for the provider's own cache (`promptLayout`). Default `false`, since Anthropic asks
   * a quarter more for what it writes to its cache, which pays from the second call on.
   */
  readonly promptCache?: boolean
  /** Limits in US dollars, or a budget that several models share. Default: none. */
  readonly budget?: BudgetLimits | Budget
  /** Told of a budget that is nearly used. */
  readonly onBudgetAlert?: (alert: BudgetAlert) => void
  /** Prices of models that the table lacks, or that cost you something else, by model id. */
  readonly prices?: Readonly<Record<string, ModelPrice>>
  /** Where answers and budgets outlive the process. */
  readonly storage?: Storage
  /** Models that are asked when this one fails, in this order. Each has answers and prices of its own. */
  readonly fallback?: readonly LanguageModelV4[]
  /** Whether an answer will do; where not, the next of `fallback` is asked: put the cheap model first. */
  readonly isConfident?: RouteOptions['isConfident']
  /** Told when another model is asked, and why. */
  readonly onStep?: RouteOptions['onStep']
  /** Attempts, time-out and rate of the calls to each provider. */
  readonly calls?: Omit<GuardOptions, 'clock' | 'random'>
  readonly clock?: ClockAndTimers
  readonly random?: Random
  readonly ids?: Ids
}

/** A model of the AI SDK, with its economics. */
export type EconomicModel = LanguageModelV4 & {
  /** What was saved and what was spent so far. */
  economics(): { readonly cache: CacheStatistics | undefined; readonly budget: readonly BudgetLine[] }
}

const names: readonly (keyof SwarmEconomicsOptions)[] = [
  'cache',
  'promptCache',
  'budget',
  'onBudgetAlert',
  'prices',
  'storage',
  'fallback',
  'isConfident',
  'onStep',
  'calls',
  'clock',
  'random',
  'ids',
]

/**
 * Puts cache, single-flight, retries, breaker, rate limit, budget and fallback around a model, in that order. Give `generateText` and its
 * like `maxRetries: 0`: calls are tried again here, once. Throws `INVALID_OPTION`.
 */
export function withSwarmEconomics(model: LanguageModelV4, options: SwarmEconomicsOptions = {}): EconomicModel {
  assertKnownOptions('withSwarmEconomics', options, names)
  const clock = options.clock ?? createSystemClock()
  const ids = options.ids ?? createSystemIds()
  const guardOptions = { ...options.calls, clock, random: options.random ?? createSystemRandom() }
  const guards = createGuards(guardOptions)
  const budget = budgetOf(options, clock)
  const prices = createPriceTable(options.prices)
  const caches: ExactCache[] = []

  const steps = [model, ...(options.fallback ?? [])].map((raw) => {
    assertModel(raw)
    const guarded = guardedModel(bounded(laidOut(raw, options), budget, prices), guards(raw.provider), guardOptions)
    const cache = cacheOf(options, raw, clock, ids)
    if (cache !== undefined) caches.push(cache)
    const { breaker } = guards(raw.provider)
    const step = cache === undefined ? guarded : wrapLanguageModel({ model: guarded, middleware: cache.middleware })
    return { model: step, isHealthy: () => breaker.state !== 'open' }
  })
  const { isConfident, onStep } = options
  const route = routeModels(steps, {
    ...(isConfident === undefined ? {} : { isConfident }),
    ...(onStep === undefined ? {} : { onStep }),
  })
  return Object.assign(route, {
    economics: () => ({ cache: sumOf(caches), budget: budget?.status() ?? [] }),
  })
}

function laidOut(model: LanguageModelV4, { promptCache = false }: SwarmEconomicsOptions): LanguageModelV4 {
  return promptCache ? wrapLanguageModel({ model, middleware: promptLayout() }) : model
}

function bounded(model: LanguageModelV4, budget: Budget | undefined, prices: PriceTable): LanguageModelV4 {
  if (budget === undefined) return model
  // A price that is missing is told now, and not at the first call of a night.
  prices.of(model.modelId)
  return wrapLanguageModel({ model, middleware: budgetMiddleware(budget, prices) })
}

function budgetOf(
  { budget, storage, onBudgetAlert }: SwarmEconomicsOptions,
  clock: ClockAndTimers,
): Budget | undefined {
  if (budget === undefined || 'reserve' in budget) return budget
  return createBudget({
    ...budget,
    clock,
    ...(storage === undefined ? {} : { store: budgetStoreOf(storage) }),
    ...(onBudgetAlert === undefined ? {} : { onAlert: onBudgetAlert }),
  })
}

function cacheOf(
  { cache = 'exact', storage }: SwarmEconomicsOptions,
  model: LanguageModelV4,
  clock: ClockAndTimers,
  ids: Ids,
): ExactCache | undefined {
  if (cache === false) return undefined
  if (cache !== 'exact' && typeof cache !== 'object')
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `withSwarmEconomics: cache is ${String(cache)}; give 'exact', false or options`,
    })
  const baseUrl = providerAddress(model)
  return createExactCache({
    ...(cache === 'exact' ? {} : cache),
    clock,
    ids,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(storage === undefined ? {} : { store: answerStoreOf(storage, () => clock.now()) }),
  })
}

function assertModel(model: LanguageModelV4): void {
  if (model?.specificationVersion === 'v4') return
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `withSwarmEconomics: the model is ${typeof model === 'string' ? JSON.stringify(model) : typeof model}; give a model object of the AI SDK 7, such as openai('gpt-5-mini')`,
  })
}

function sumOf(caches: readonly ExactCache[]): CacheStatistics | undefined {
  const [first, ...others] = caches.map((cache) => cache.statistics())
  return first === undefined ? undefined : others.reduce(addStatistics, first)
}

function addStatistics(one: CacheStatistics, other: CacheStatistics): CacheStatistics {
  return {
    calls: one.calls + other.calls,
    hits: { memory: one.hits.memory + other.hits.memory, store: one.hits.store + other.hits.store },
    misses: one.misses + other.misses,
    shared: one.shared + other.shared,
    stale: one.stale + other.stale,
    damaged: one.damaged + other.damaged,
    stored: one.stored + other.stored,
    notStored: addCounts(one.notStored, other.notStored),
    savedTokens: {
      input: one.savedTokens.input + other.savedTokens.input,
      output: one.savedTokens.output + other.savedTokens.output,
    },
  }
}

function addCounts(
  one: CacheStatistics['notStored'],
  other: CacheStatistics['notStored'],
): CacheStatistics['notStored'] {
  const sum: Record<string, number> = { ...one }
  for (const [reason, count] of Object.entries(other)) sum[reason] = (sum[reason] ?? 0) + count
  return sum
}
