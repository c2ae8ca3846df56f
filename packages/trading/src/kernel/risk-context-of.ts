import type { EpochMs } from '@tradeswarm/core'
import type { Instrument } from '../instruments/instrument.js'
import type { SessionDate } from '../instruments/trading-calendar.js'
import { type Decimal, decimal, zero } from '../money/decimal.js'
import { maximumChildren } from '../orders/execution/execution-plan.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import type { ExitPlan, OrderRequest } from '../orders/order-request.js'
import type { ActivityView } from '../risk/activity-view.js'
import { type InstrumentGrid, instrumentGrid } from '../risk/instrument-grid.js'
import { type PolicyLimits, policyLimits } from '../risk/policy-limits.js'
import { budgetOutstanding, outstandingOf } from '../risk/reservation.js'
import type { ExposureView, LastPrice, OpenOrderView, PortfolioRiskView, RiskContext } from '../risk/risk-context.js'
import type { RiskPolicy } from '../risk/risk-policy.js'
import { claimedUnits } from './claimed-units.js'
import { willCross } from './cross-terms.js'
import { type CurrencyRate, currencyRate } from './currency-rate.js'
import { createExposureBook, type ExposureBook } from './exposure-book.js'
import type { OrderPurpose, TradingState } from './kernel.js'
import { type KernelRuntime, openOrdersOf, tradingState } from './kernel-runtime.js'
import { lockedIn } from './kernel-state.js'
import { createPortfolioRiskDesk, type PortfolioRiskDesk } from './portfolio-risk-desk.js'
import { liveViews } from './self-trade.js'

/** What only the one who makes a kernel can know. */
export type RiskInputs = {
  /** What the models of an agent, a strategy or both have cost, as a decimal text; undefined where nobody counts it. */
  readonly modelSpend?: (principal: {
    readonly agent: string | undefined
    readonly strategy: string | undefined
  }) => string | undefined
  /** How far our clock is ahead of the venue's in ms, as it was last measured; undefined while it was not. */
  readonly clockSkewMs?: () => number | undefined
}

/** Makes the contexts of one kernel's assessments, and keeps at hand what does not change from one to the next. */
export function createRiskContexts(runtime: KernelRuntime): (header: OrderHeader, isNew: boolean) => RiskContext {
  const desk = new ContextDesk(runtime)
  return (header, isNew) => new KernelRiskContext(desk, header, isNew)
}

/** The number of a text that seldom changes. */
class ReadAmount {
  private text: string | undefined
  private amount: Decimal | undefined
  of(text: string | undefined): Decimal | undefined {
    if (text !== this.text) {
      this.text = text
      this.amount = amountOf(text)
    }
    return this.amount
  }
}

/** What is worked out once for a policy, an instrument or a part of the day. */
class ContextDesk {
  readonly exposures: ExposureBook
  readonly portfolio: PortfolioRiskDesk
  readonly dayStart = new ReadAmount()
  readonly peak = new ReadAmount()
  private limits: PolicyLimits | undefined
  private readonly grids = new Map<string, InstrumentGrid>()
  private session:
    | { readonly from: EpochMs; readonly until: EpochMs; readonly date: SessionDate; readonly isOpen: boolean }
    | undefined

  /** No methods of a context, so that a rule may take them out of it. */
  readonly lastPriceOf: RiskContext['lastPriceOf']
  readonly modelSpend: RiskContext['modelSpend']

  constructor(readonly runtime: KernelRuntime) {
    this.exposures = createExposureBook(runtime)
    this.portfolio = createPortfolioRiskDesk(runtime.market, this.exposures)
    this.lastPriceOf = (symbol) => runtime.market.last(symbol)?.price
    this.modelSpend = ({ agent, strategy }) => amountOf(runtime.riskInputs.modelSpend?.({ agent, strategy }))
  }

  limitsOf(policy: RiskPolicy): PolicyLimits {
    if (this.limits?.policy !== policy) this.limits = Object.freeze(policyLimits(deepFrozen(policy)))
    return this.limits
  }

  gridOf(instrument: Instrument): InstrumentGrid {
    const known = this.grids.get(instrument.symbol)
    if (known?.instrument === instrument) return known
    const grid = instrumentGrid(instrument)
    this.grids.set(instrument.symbol, grid)
    return grid
  }

  sessionAt(time: EpochMs): { readonly date: SessionDate; readonly isOpen: boolean } {
    if (this.session !== undefined && time >= this.session.from && time < this.session.until) return this.session
    const { calendar } = this.runtime
    const open = calendar.openSession(time)
    const closed = calendar.previousSession(time)
    this.session = {
      from: open?.open ?? closed.close,
      until: open?.close ?? calendar.nextSession(time).open,
      date: closed.date,
      isOpen: open !== undefined,
    }
    return this.session
  }
}

/** What the rules may know of an order, as the books and the market stand now. What is costly is worked out when a rule asks. */
class KernelRiskContext implements RiskContext {
  readonly #desk: ContextDesk
  readonly #runtime: KernelRuntime
  readonly #header: OrderHeader
  readonly time: EpochMs
  readonly policy: RiskPolicy
  readonly limits: PolicyLimits
  readonly request: OrderRequest
  readonly addsExposure: boolean
  readonly tradingState: TradingState
  readonly tradingStateReasons: readonly string[]
  readonly instrument: Instrument | undefined
  readonly last: LastPrice | undefined
  /** The order itself, where it lives already. */
  readonly #living: OrderRecord | undefined
  #exposure: ExposureView | undefined
  #grid: InstrumentGrid | undefined
  #rate: CurrencyRate | undefined
  #totalCash: Decimal | undefined

  constructor(desk: ContextDesk, header: OrderHeader, isNew: boolean) {
    const { runtime } = desk
    const { request, orderId } = header
    const trading = tradingState(runtime, header)
    this.#living = isNew || request.reduceOnly ? undefined : runtime.state.orders.get(orderId)
    this.#desk = desk
    this.#runtime = runtime
    this.#header = header
    this.time = runtime.clock.now()
    this.policy = runtime.state.risk.policy
    this.limits = desk.limitsOf(this.policy)
    this.request = request
    this.addsExposure = !request.reduceOnly
    this.tradingState = trading.state
    this.tradingStateReasons = trading.reasons
    this.instrument = runtime.broker?.instrument(request.symbol)
    this.last = runtime.market.last(request.symbol)
  }

  get alreadyReserved(): Decimal {
    const living = this.#living
    return living?.reservation?.kind === 'cash' ? outstandingOf(living.reservation, living.state) : zero
  }
  get alreadyBudgeted(): Decimal | undefined {
    const living = this.#living
    return living?.reservation?.budget === undefined ? undefined : budgetOutstanding(living.reservation, living.state)
  }
  get exposure(): ExposureView {
    this.#exposure ??= this.#desk.exposures.view(this.limits, this.#living?.header.orderId)
    return this.#exposure
  }
  get purpose(): OrderPurpose {
    return this.#header.purpose
  }
  get agent(): string {
    return this.#header.agent
  }
  get strategy(): string {
    return this.#header.strategy
  }
  get exits(): ExitPlan | undefined {
    return this.#header.exits
  }
  get parts(): number | undefined {
    const { execution } = this.#header
    return execution === undefined ? undefined : maximumChildren(execution)
  }
  get approved(): boolean {
    return false
  }
  get reconciled(): boolean {
    return this.#runtime.reconciled
  }
  get clientOrderIdInUse(): boolean {
    const { orderId, request } = this.#header
    return (this.#runtime.state.index.orderByClientId.get(request.clientOrderId) ?? orderId) !== orderId
  }
  get grid(): InstrumentGrid | undefined {
    if (this.#grid === undefined && this.instrument !== undefined) this.#grid = this.#desk.gridOf(this.instrument)
    return this.#grid
  }
  get marketOpen(): boolean {
    return this.#desk.sessionAt(this.time).isOpen
  }
  get closedSessionDate(): SessionDate {
    return this.#desk.sessionAt(this.time).date
  }
  get clockSkewMs(): number | 'no-clock' | undefined {
    const { clockSkewMs } = this.#runtime.riskInputs
    return clockSkewMs === undefined ? this.#runtime.clockSkewMs : clockSkewMs()
  }
  get averageVolume(): Decimal | undefined {
    return this.#runtime.market.averageVolume(this.request.symbol, this.policy.averageVolumeSessions)
  }
  get position(): Decimal {
    return this.#runtime.state.ledger.units(this.request.symbol)
  }
  get claimed(): Decimal {
    return claimedUnits(this.#runtime, othersOf(this.#runtime, this.#header), this.#header)
  }
  get unprotected(): boolean {
    return this.#runtime.uncovered.has(this.request.symbol)
  }
  get openOrders(): readonly OpenOrderView[] {
    const others = othersOf(this.#runtime, this.#header)
    if (others.length === 0) return none
    const header = this.#header
    const inTheWay = header.nets === true ? others.filter((other) => !willCross(this.#runtime, header, other)) : others
    return inTheWay.flatMap((other) => liveViews(other, this.addsExposure))
  }
  get possibleDayTrades(): number {
    return possibleDayTrades(this.#runtime, this.request.symbol)
  }
  get currency(): string | undefined {
    return this.#header.currency
  }
  get rate(): RiskContext['rate'] {
    const { currency } = this.#header
    if (currency === undefined) return undefined
    this.#rate ??= currencyRate(this.#runtime, currency)
    if (this.#rate === undefined) return undefined
    const { rate, last } = this.#rate
    return { price: rate, time: last.time, sessionDate: last.sessionDate }
  }
  get totalCash(): Decimal {
    if (this.#totalCash === undefined) {
      const { ledger, currency } = this.#runtime.state
      this.#totalCash = ledger.cashAmount(this.#header.currency ?? currency)
    }
    return this.#totalCash
  }
  get freeCash(): Decimal {
    const { state } = this.#runtime
    const currency = this.#header.currency ?? state.currency
    const free = this.totalCash.minus(lockedIn(state, currency)).plus(this.alreadyReserved)
    const contracts = this.#desk.exposures.contractsIn(currency)
    if (contracts === undefined) return free
    return free.minus(contracts.cost.times(this.limits.contractMargin)).minus(contracts.loss)
  }
  get portfolioRisk(): PortfolioRiskView | undefined {
    return this.#desk.portfolio.view(this.limits)
  }
  get activity(): ActivityView {
    return this.#runtime.state.activity
  }
  get dayStartEquity(): Decimal | undefined {
    return this.#desk.dayStart.of(this.#runtime.state.risk.dayStartEquity)
  }
  get peakEquity(): Decimal | undefined {
    return this.#desk.peak.of(this.#runtime.state.risk.peakEquity)
  }
  get lastLossAt(): EpochMs | undefined {
    return this.#runtime.state.risk.lastLossAt
  }
  get lastLossSymbol(): string | undefined {
    return this.#runtime.state.risk.lastLossSymbol
  }
  get lastPriceOf(): RiskContext['lastPriceOf'] {
    return this.#desk.lastPriceOf
  }
  get modelSpend(): RiskContext['modelSpend'] {
    return this.#desk.modelSpend
  }
}

/** Freezes plain data, however deep: rules of a user's own see it. */
function deepFrozen<T extends object>(data: T): T {
  for (const part of Object.values(data)) if (typeof part === 'object' && part !== null) deepFrozen(part as object)
  return Object.freeze(data)
}

const none: readonly never[] = Object.freeze([])

function amountOf(text: string | undefined): Decimal | undefined {
  return text === undefined ? undefined : decimal(text)
}

function othersOf(runtime: KernelRuntime, { orderId, request }: OrderHeader): readonly OrderRecord[] {
  const open = openOrdersOf(runtime, request.symbol)
  return open.length === 0 ? none : open.filter((order) => order.header.orderId !== orderId)
}

/** Securities besides one that may become day trades: those entered in this session, and those with an entry under way. */
function possibleDayTrades({ state }: KernelRuntime, besides: string): number {
  const symbols = new Set(state.activity.enteredToday)
  for (const orderId of state.index.openOrders.orderIds()) {
    const header = state.orders.get(orderId)?.header
    if (header?.request.reduceOnly === false && header.asset === header.request.symbol) symbols.add(header.asset)
  }
  symbols.delete(besides)
  return symbols.size
}
