export { createAlwaysOpenCalendar } from './instruments/always-open-calendar.js'
export { tradingCalendar } from './instruments/calendar-by-name.js'
export type { Instrument } from './instruments/instrument.js'
export type { CalendarName, Session, SessionDate, TradingCalendar } from './instruments/trading-calendar.js'
export { createUsEquityCalendar } from './instruments/us-equity-calendar.js'
export { createTradingKernel, type TradingKernelOptions } from './kernel/create-kernel.js'
export type {
  Assessment,
  CashView,
  ClosedPosition,
  KernelEvent,
  KernelJournal,
  OrderPurpose,
  PortfolioView,
  PositionView,
  RiskFinding,
  SubmitResult,
  TradingKernel,
  TradingState,
} from './kernel/kernel.js'
export type { KernelJournalEntry, KernelRecord } from './kernel/kernel-record.js'
export { type JournalledRecord, rebuildKernelState } from './kernel/rebuild-kernel-state.js'
export type { RiskInputs } from './kernel/risk-context-of.js'
export { createLedger, rebuildLedger, restoreLedger } from './ledger/ledger.js'
export { type LedgerEntry, type LedgerEntryKind, ledgerAccounts, type Posting } from './ledger/ledger-entry.js'
export {
  type BustEvent,
  type CashMovementEvent,
  type DividendPaidEvent,
  type FillEvent,
  type LedgerEvent,
  type LedgerEventBase,
  parseLedgerEvent,
  type SplitEvent,
} from './ledger/ledger-event.js'
export type {
  Ledger,
  LedgerPosition,
  LedgerResult,
  LedgerTotals,
  LedgerValuation,
  LotView,
} from './ledger/ledger-port.js'
export { type BooksVerdict, verifyBooks } from './ledger/verify-books.js'
export type {
  BarEvent,
  DividendEvent,
  MarketDataFeed,
  MarketEvent,
  MarketListener,
  OpenEvent,
  SessionEvent,
} from './market/market-event.js'
export {
  type Decimal,
  decimal,
  decimalText,
  divide,
  fromFloat,
  one,
  type Rounding,
  roundToStep,
  toFloat,
  zero,
} from './money/decimal.js'
export type {
  Broker,
  BrokerContext,
  BrokerDefinition,
  BrokerEvent,
  Execution,
  VenueBalance,
  VenueOrder,
} from './orders/broker.js'
export { type ClientOrderIdParts, clientOrderId } from './orders/client-order-id.js'
export type { OrderEvent, OwnOrderEvent } from './orders/order-event.js'
export { orderHash } from './orders/order-hash.js'
export type { OrderHeader, OrderRecord } from './orders/order-record.js'
export type { ExitPlan, OrderIntent, OrderRequest, OrderType, Side, TimeInForce } from './orders/order-request.js'
export { isOpen, newOrderState, type OrderState, type OrderStatus, type OrderWord } from './orders/order-state.js'
export { applyOrderEvent, reduceOrder } from './orders/reduce-order.js'
export type {
  ActivityView,
  PrincipalHolding,
  PrincipalUse,
  RateLevel,
  RecentEntry,
  RecentExecution,
  RecentResult,
  SymbolActivity,
} from './risk/activity-view.js'
export {
  type DenialCode,
  type DenialCodeEntry,
  type DenialSource,
  denial,
  denialCodes,
  isDenialCode,
} from './risk/denial-codes.js'
export type { InstrumentGrid } from './risk/instrument-grid.js'
export type { KillSwitchRecord, KillSwitchStore } from './risk/kill-switch.js'
export type { OrderFigures } from './risk/order-figures.js'
export type { Permit, PermitGuard, PermittedOrder } from './risk/permit.js'
export { createPermitDesk, type PermitDesk, type Standing } from './risk/permit-desk.js'
export type { PolicyLimits, PrincipalLimits, Share } from './risk/policy-limits.js'
export type { Reservation, ReservationView } from './risk/reservation.js'
export type { Verdict } from './risk/risk-authority.js'
export type {
  ExposureView,
  LastPrice,
  OpenOrderView,
  PortfolioRiskView,
  RiskContext,
} from './risk/risk-context.js'
export { type RiskPolicy, type RiskPolicyInput, riskPolicy } from './risk/risk-policy.js'
export { defineRiskRule, type OwnFinding, type RiskRule, type RuleOutcome } from './risk/risk-rule.js'
export type { Halt, HaltCause } from './risk/risk-state.js'
export { assessmentRules, composeRules, type RuleChanges, type RuleStages } from './risk/rules/default-rules.js'
export {
  defaultRiskFraction,
  type EqualWeightSizing,
  type FractionSizing,
  type PositionSize,
  type RiskSizing,
  type SizingBound,
  type SizingLimits,
  sizeByEqualWeight,
  sizeByFraction,
  sizeByRisk,
  type ZeroSizeCode,
} from './sizing/position-size.js'
export type { BenchmarkStatistics } from './statistics/benchmark-statistics.js'
export type { DrawdownStatistics } from './statistics/drawdown-statistics.js'
export {
  type EquityPoint,
  type PerformanceInput,
  type PerformanceStatistics,
  performanceStatistics,
} from './statistics/performance-statistics.js'
export { positionResult } from './statistics/position-result.js'
export type { ReturnStatistics } from './statistics/return-statistics.js'
export { roundSignificant } from './statistics/round-significant.js'
export { type ClosedTrade, closedTrade, type TradeStatistics } from './statistics/trade-statistics.js'
