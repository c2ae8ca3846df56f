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
  roundToStep,
  toFloat,
  zero,
} from './money/decimal.js'
export type {
  Broker,
  BrokerCapabilities,
  BrokerContext,
  BrokerDefinition,
  BrokerEvent,
  Execution,
  OrderExecution,
  VenueBalance,
  VenueOrder,
} from './orders/broker.js'
export { type ClientOrderIdParts, clientOrderId } from './orders/client-order-id.js'
export type { OrderEvent, OwnOrderEvent } from './orders/order-event.js'
export { orderHash } from './orders/order-hash.js'
export type { OrderHeader, OrderRecord } from './orders/order-record.js'
export type {
  Contingency,
  ExitPlan,
  OrderIntent,
  OrderRequest,
  OrderTerms,
  OrderType,
  Side,
  TimeInForce,
} from './orders/order-request.js'
export { isOpen, newOrderState, type OrderState, type OrderStatus, type OrderWord } from './orders/order-state.js'
export { applyOrderEvent, reduceOrder } from './orders/reduce-order.js'
export type { KillSwitchRecord, KillSwitchStore } from './risk/kill-switch.js'
export type { Permit, PermitGuard, PermittedOrder } from './risk/permit.js'
export { createPermitDesk, type PermitDesk, type Standing } from './risk/permit-desk.js'
export type { Reservation, ReservationView } from './risk/reservation.js'
export type { Verdict } from './risk/risk-authority.js'
export { type RiskPolicy, type RiskPolicyInput, riskPolicy } from './risk/risk-policy.js'
export type { Halt, HaltCause } from './risk/risk-state.js'
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
