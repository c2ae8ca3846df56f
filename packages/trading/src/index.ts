export { createAlwaysOpenCalendar } from './instruments/always-open-calendar.js'
export { assertCalendar } from './instruments/assert-calendar.js'
export { assertInstrument } from './instruments/assert-instrument.js'
export { tradingCalendar } from './instruments/calendar-by-name.js'
export { fundingAmount } from './instruments/funding-amount.js'
export type { Instrument } from './instruments/instrument.js'
export { type InstrumentKind, instrumentKinds } from './instruments/instrument.js'
export {
  type CalendarName,
  calendarNames,
  type Session,
  type SessionDate,
  type TradingCalendar,
} from './instruments/trading-calendar.js'
export { instrumentFault, isContract, type SettlementTerms, settlementTerms } from './instruments/unit-terms.js'
export { createUsEquityCalendar } from './instruments/us-equity-calendar.js'
export {
  type AccountLease,
  type AccountLeaseOptions,
  createAccountLease,
  type LeaseGrant,
  type LeaseStore,
} from './kernel/account-lease.js'
export type { Adoption } from './kernel/adopt-position.js'
export type { Authorisation, SecretAuthorisation } from './kernel/authorise.js'
export type { AutomaticHaltOptions } from './kernel/automatic-halts.js'
export type { CashMovement, Conversion } from './kernel/book-movement.js'
export { type Booking, bookingIn } from './kernel/booking-in.js'
export { type AuthorisedAct, checkAuthorisation, checkHalt, checkStop } from './kernel/check-act.js'
export { assertDeposits } from './kernel/check-required-options.js'
export { createTradingKernel } from './kernel/create-kernel.js'
export type { HaltDetails } from './kernel/halt-desk.js'
export type {
  Assessment,
  CashView,
  ClosedPosition,
  CrossedWith,
  CurrencyView,
  HaltView,
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
export { checkKernelSettings, type KernelSettings, type TradingKernelOptions } from './kernel/kernel-options.js'
export type { KernelJournalEntry, KernelRecord } from './kernel/kernel-record.js'
export { type JournalledRecord, rebuildKernelState } from './kernel/rebuild-kernel-state.js'
export type { RiskInputs } from './kernel/risk-context-of.js'
export type { MitigationWishes, OrderToConsider } from './kernel/risk-outlook.js'
export type { DatedSplit, FillRecord } from './ledger/book-record.js'
export { createLedger, type LedgerOptions, rebuildLedger, restoreLedger } from './ledger/ledger.js'
export {
  type CurrencyAmount,
  type LedgerEntry,
  type LedgerEntryKind,
  ledgerAccounts,
  type Posting,
} from './ledger/ledger-entry.js'
export type {
  AdoptionEvent,
  BustEvent,
  CarryEvent,
  CashEvent,
  CashMovementEvent,
  CashTransferEvent,
  CorrectionEvent,
  DividendPaidEvent,
  FillEvent,
  FillKey,
  InCurrency,
  LedgerEvent,
  LedgerEventBase,
  OpeningEvent,
  PositionEvent,
  SplitEvent,
  UnitsTransferEvent,
} from './ledger/ledger-event.js'
export type {
  ChangedSymbols,
  ForgetOptions,
  Ledger,
  LedgerPosition,
  LedgerResult,
  LedgerTotals,
  LedgerValuation,
  LotView,
  PriceOf,
  RateOf,
  Unpriceable,
} from './ledger/ledger-port.js'
export type { CurrencyProfit, LedgerProfit, ProfitSums, SymbolProfit } from './ledger/ledger-profit.js'
export type { LotMethod } from './ledger/open-lots.js'
export { parseLedgerEvent } from './ledger/parse-ledger-event.js'
export { type PortfolioChange, type PositionMove, portfolioChanges } from './ledger/portfolio-change.js'
export { type BooksVerdict, verifyBooks } from './ledger/verify-books.js'
export { assertMarketEvent } from './market/assert-market-event.js'
export type {
  BarEvent,
  DividendEvent,
  FundingEvent,
  MarketDataFeed,
  MarketEvent,
  MarketListener,
  OpenEvent,
  QuoteEvent,
  SessionEvent,
  StockSplitEvent,
  TradeEvent,
} from './market/market-event.js'
export {
  type Decimal,
  decimal,
  decimalText,
  divide,
  fromFloat,
  one,
  type Rounding,
  readDecimal,
  roundToStep,
  toFloat,
  zero,
} from './money/decimal.js'
export { assertSince } from './orders/assert-since.js'
export { balanceAgrees } from './orders/balance-agrees.js'
export type {
  AmendedOrder,
  BalancePrecision,
  Broker,
  BrokerCapabilities,
  BrokerContext,
  BrokerDefinition,
  BrokerEvent,
  Execution,
  OrderExecution,
  VenueBalance,
  VenueMovement,
  VenueOrder,
} from './orders/broker.js'
export { type ClientOrderIdParts, clientOrderId } from './orders/client-order-id.js'
export {
  type ChaseOptions,
  type ChoiceOptions,
  chasePrice,
  chooseOrder,
  defaultChoice,
  type MarketView,
  type Urgency,
} from './orders/execution/choose-order.js'
export { type ExecutionPlan, maximumChildren } from './orders/execution/execution-plan.js'
export { type ParentOrder, type ParentProgress, unassigned } from './orders/execution/parent-order.js'
export { nextParticipationChildren, type ParticipationOptions } from './orders/execution/participation.js'
export { maximumSlices, nextTwapChildren, type TwapOptions, twapInstants } from './orders/execution/twap.js'
export { toldExecutions } from './orders/execution-book.js'
export type { CrossPlan, CrossSide, InternalCross } from './orders/internal-cross.js'
export type { AmendedTerms, OrderEvent, OwnOrderEvent } from './orders/order-event.js'
export { orderHash } from './orders/order-hash.js'
export type { OrderHeader, OrderRecord } from './orders/order-record.js'
export type {
  Contingency,
  ExitPlan,
  IntentOrderType,
  OrderIntent,
  OrderRequest,
  OrderTerms,
  OrderType,
  Side,
  TimeInForce,
} from './orders/order-request.js'
export {
  executionOf,
  isOpen,
  newOrderState,
  type OrderRevision,
  type OrderState,
  type OrderStatus,
  type OrderWord,
  type SendingFacts,
} from './orders/order-state.js'
export { applyOrderEvent, reduceOrder } from './orders/reduce-order.js'
export { type GridChange, type PricePolicy, type RoundedTerms, roundToGrid } from './orders/round-to-grid.js'
export { syntheticTradeId, type UnnamedExecution } from './orders/synthetic-trade-id.js'
export type {
  ActivityView,
  PrincipalHolding,
  PrincipalUse,
  RateLevel,
  RecentEntry,
  RecentExecution,
  RecentList,
  RecentResult,
  SymbolActivity,
} from './risk/activity-view.js'
export type { ApprovalOutcome, PendingApproval } from './risk/approval.js'
export {
  type DenialCode,
  type DenialCodeEntry,
  type DenialSource,
  denial,
  denialCodes,
  isDenialCode,
} from './risk/denial-codes.js'
export type { HaltScope } from './risk/halt-scope.js'
export type { InstrumentGrid } from './risk/instrument-grid.js'
export type { KillSwitchRecord, KillSwitchStore } from './risk/kill-switch.js'
export type { OrderFigures } from './risk/order-figures.js'
export type { AccountMode, Permit, PermitGuard, PermittedOrder, SignedOrder } from './risk/permit.js'
export type { PermitScope, Standing } from './risk/permit-checks.js'
export { createPermitDesk, type PermitDesk, type PermitDeskOptions } from './risk/permit-desk.js'
export { createPermitGuard, type PermitGuardOptions, type SignedPermitGuard } from './risk/permit-guard.js'
export type { PolicyLimits, PrincipalLimits, Share } from './risk/policy-limits.js'
export type { Confidence, RiskMethod } from './risk/portfolio/confidence.js'
export type {
  MitigationInstrument,
  MitigationKind,
  MitigationOptions,
  MitigationOrder,
  MitigationProposal,
  Mitigations,
} from './risk/portfolio/mitigation.js'
export type { LimitState, PortfolioLimitName, PortfolioLimits } from './risk/portfolio/portfolio-limits.js'
export {
  type PortfolioRisk,
  type PortfolioRiskOptions,
  preparePortfolioRisk,
} from './risk/portfolio/prepare-portfolio-risk.js'
export { proposeMitigations } from './risk/portfolio/propose-mitigations.js'
export { createReturnBook, type ReturnBook, type ReturnBookOptions } from './risk/portfolio/return-book.js'
export type { RiskBook, RiskBookOptions } from './risk/portfolio/risk-book.js'
export type { RiskView } from './risk/portfolio/risk-view.js'
export {
  type LimitChange,
  type LossFigure,
  type LossFigures,
  type ProposedOrder,
  type RiskFigures,
  type ScenarioReport,
  type ScenarioReportOptions,
  scenarioReport,
} from './risk/portfolio/scenario-report.js'
export type { MissingReason, MissingReturns } from './risk/portfolio/shared-history.js'
export type { StressScenario } from './risk/portfolio/stress-scenario.js'
export type { Reservation, ReservationView } from './risk/reservation.js'
export type { Verdict } from './risk/risk-authority.js'
export type { ExposureView, LastPrice, OpenOrderView, PortfolioRiskView, RiskContext } from './risk/risk-context.js'
export { type RiskPolicy, type RiskPolicyInput, riskPolicy } from './risk/risk-policy.js'
export { defineRiskRule, type OwnFinding, type RiskRule, type RuleOutcome } from './risk/risk-rule.js'
export type { AutomaticHaltCause, Halt, HaltCause } from './risk/risk-state.js'
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
