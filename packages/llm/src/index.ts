export { batchCall, type PromptItem } from './batch/batch-prompt.js'
export type { BatchStatistics, ItemFault } from './batch/batch-statistics.js'
export { type BatchTask, type BatchTaskOptions, defineBatchTask, type ItemTrust } from './batch/batch-task.js'
export { type Batcher, type BatchRequest, createBatcher } from './batch/batcher.js'
export type { BatcherOptions } from './batch/batcher-options.js'
export {
  type Budget,
  type BudgetAlert,
  type BudgetLine,
  type BudgetOptions,
  createBudget,
  type Reservation,
} from './budget/budget.js'
export type { BudgetLimits, SpendingLimit } from './budget/budget-limits.js'
export { budgetMiddleware } from './budget/budget-middleware.js'
export { type BudgetStore, budgetStoreOf } from './budget/budget-store.js'
export { type AnswerStore, answerStoreOf } from './cache/answer-store.js'
export { type CacheKeyParts, type CallMode, cacheKey, unkeyedHeaders } from './cache/cache-key.js'
export type { CacheStatistics } from './cache/cache-statistics.js'
export { createExactCache, type ExactCache } from './cache/exact-cache.js'
export type { ExactCacheOptions } from './cache/exact-cache-options.js'
export type { ReplayNote } from './cache/stored-answer.js'
export type { NotStoredReason } from './cache/why-not-stored.js'
export { type CallContext, callContext } from './call-context.js'
export { type BatchDesk, type BatchStatus, type BatchWork, createBatchDesk } from './deferred/batch-desk.js'
export type { BatchDeskOptions } from './deferred/batch-desk-options.js'
export type { BatchItemOutcome, BatchOutcome } from './deferred/batch-outcome.js'
export { type BatchTerms, batchTerms } from './deferred/batch-terms.js'
export {
  type BatchCallOptions,
  type BatchWorkItem,
  batchOptionsOf,
  type SubmissionState,
} from './deferred/submission.js'
export {
  type Calibration,
  type CalibrationOptions,
  type CalibrationRecord,
  createCalibration,
} from './ensemble/calibration.js'
export { createEnsemble, type Ensemble, type EnsembleOptions, type NoVote, type Voter } from './ensemble/ensemble.js'
export { type AbstainReason, type TallyRules, tallyVotes, type Verdict, type Vote } from './ensemble/tally-votes.js'
export { layoutCall, promptLayout, stablePrefix } from './layout/prompt-layout.js'
export { knownPrices } from './prices/known-prices.js'
export { costOf, type ModelPrice, type TokenPrices, tokenPrices, worstCost } from './prices/model-price.js'
export { createPriceTable, type PriceTable } from './prices/price-table.js'
export type { ModelName } from './record/asked-call.js'
export { createModelRecorder, type ModelRecorder, type ModelRecorderOptions } from './record/model-recorder.js'
export { createGuards, type GuardOptions, guardedModel, type ProviderGuards } from './routing/guarded-model.js'
export { type ModelFault, modelFault, rejectedOption, retryAfterMs } from './routing/model-error.js'
export { type RouteOptions, type RouteStep, routeModels } from './routing/route-models.js'
export { type EconomicModel, type SwarmEconomicsOptions, withSwarmEconomics } from './with-swarm-economics.js'
