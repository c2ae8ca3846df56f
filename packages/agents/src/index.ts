export { Analyst } from './analyst/analyst.js'
export { type AnalystConfig, analystConfig } from './analyst/analyst-config.js'
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
export {
  PostReceived,
  ReadText,
  SignalAggregated,
  SignalObserved,
  SignalRoundCompleted,
} from './messages/signal-topics.js'
export { RiskManager } from './risk-manager/risk-manager.js'
export { type KernelBooks, kernelFromBooks } from './services/kernel-books.js'
export type { AccountActs, OfAccount } from './swarm/account-acts.js'
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
export { Trader } from './trader/trader.js'
export { type TraderConfig, traderConfig } from './trader/trader-config.js'
