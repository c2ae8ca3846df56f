export type {
  AddResult,
  AggregatedSignal,
  BurstReading,
  SignalContributor,
  SignalObservation,
  SignalQuality,
} from './aggregation/aggregated-signal.js'
export {
  type AggregatorConfig,
  type AggregatorOptions,
  aggregatorConfigSchema,
  defaultAggregatorConfig,
} from './aggregation/aggregator-options.js'
export {
  createSignalAggregator,
  type SignalAggregator,
  type SignalAggregatorState,
} from './aggregation/signal-aggregator.js'
export { defineSignalSource } from './define-signal-source.js'
export { deriveMarketSignals, marketSignalWarmUpBars } from './market/derive-market-signals.js'
export type { MarketBar, MarketDerivedSignal, MarketSignalKind } from './market/market-derived-signal.js'
export { cleanText } from './posts/clean-text.js'
export {
  createDuplicateFilter,
  type DuplicateCheck,
  type DuplicateFilter,
  type DuplicateFilterOptions,
  type DuplicateFilterState,
  type DuplicateVerdict,
  defaultDuplicateFilter,
} from './posts/duplicate-filter.js'
export { maximumPostCharacters, normalisePost } from './posts/normalise-post.js'
export type { NormalisedPost } from './posts/normalised-post.js'
export {
  defaultPostValidation,
  type PostRejectionReason,
  type PostValidation,
  type PostValidationOptions,
  validatePost,
} from './posts/validate-post.js'
export { lastSentimentTrainingYear, type SentimentScore, scoreSentiment } from './sentiment/score-sentiment.js'
export type { PollContext, SignalSource, SignalSourceOptions, SourceItem } from './signal-source.js'
export {
  generateSyntheticPosts,
  type SyntheticBar,
  type SyntheticPostsOptions,
  syntheticSourceName,
} from './synthetic/generate-synthetic-posts.js'
