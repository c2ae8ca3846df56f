export { Analyst } from './analyst/analyst.js'
export {
  type AnalystConfig,
  analystConfig,
  type ModelAnalystConfig,
  modelAnalystConfig,
} from './analyst/analyst-config.js'
export { ModelAnalyst } from './analyst/model-analyst.js'
export { type QueuedRecommendation, RecommendationQueue } from './analyst/recommendation-queue.js'
export { DataScout } from './data-scout/data-scout.js'
export { type DataScoutConfig, dataScoutConfig } from './data-scout/data-scout-config.js'
export { Learning } from './learning/learning.js'
export {
  IntentDenied,
  IntentFormed,
  OutcomeRecorded,
  type Parameters,
  ParametersAdjusted,
  RecommendationIssued,
  RecommendationPassed,
} from './messages/decision-topics.js'
export {
  AlertRaised,
  AssessInKernel,
  AssessRisk,
  GetPortfolio,
  HaltTrading,
  OrderFilled,
  OrderUpdated,
  PositionClosed,
  RiskReported,
  SubmitOrder,
  TradingStateChanged,
} from './messages/kernel-topics.js'
export { MarketBar, MarketDividend, MarketOpen, MarketSession } from './messages/market-topics.js'
export { FormOpinions, type ModelBasis, ModelRoundCompleted, ReadPosts } from './messages/model-messages.js'
export {
  PostReceived,
  ReadText,
  SignalAggregated,
  SignalObserved,
  SignalRoundCompleted,
} from './messages/signal-topics.js'
export type { AnalystModel, ModelCast } from './models/analyst-model.js'
export type { AnalystModelConfig } from './models/analyst-model-config.js'
export type { Brief } from './models/brief.js'
export { cutoffOf, knownCutoffs, type ModelCutoff } from './models/known-cutoffs.js'
export type { AnswerCounts, ModelStatistics } from './models/model-statistics.js'
export { modelsOf, type SwarmModel } from './models/models-of.js'
export type { Opinion, Scenarios } from './models/opinion.js'
export { type ModelPart, type Prompt, promptFingerprint, promptId } from './models/prompts/prompt.js'
export { analystPrompts } from './models/prompts/prompts.js'
export type { Reading } from './models/reading.js'
export { RiskManager } from './risk-manager/risk-manager.js'
export { type KernelBooks, kernelFromBooks } from './services/kernel-books.js'
export type { PastBars } from './services/past-bars.js'
export type { AccountActs, OfAccount } from './swarm/account-acts.js'
export type { TradingSwarmStatus } from './swarm/create-trading-swarm.js'
export {
  createTradingSwarm,
  type TradingSwarm,
  type TradingSwarmCare,
  type TradingSwarmRuntime,
} from './swarm/create-trading-swarm.js'
export {
  type AgentConfigs,
  type AgentRole,
  defineTradingSwarm,
  type TradingSwarmDefinition,
  type TradingSwarmOptions,
} from './swarm/define-trading-swarm.js'
export type { OperatorActs } from './swarm/operator-acts.js'
export { Trader } from './trader/trader.js'
export { type TraderConfig, traderConfig } from './trader/trader-config.js'
