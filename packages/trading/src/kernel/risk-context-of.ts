import { type Decimal, decimal, zero } from '../money/decimal.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import { cashToReserve } from '../risk/risk-authority.js'
import { type RiskContext, required } from '../risk/risk-context.js'
import { equityOf, type KernelRuntime, openOrdersOf, tradingState } from './kernel-runtime.js'

/** What the rules may know of an order, as the books and the market stand now. What is costly is worked out when a rule asks. */
export function riskContextOf(runtime: KernelRuntime, header: OrderHeader): RiskContext {
  const { state, market, clock, calendar } = runtime
  const { request } = header
  const { policy, dayStartEquity, peakEquity, lastLossAt } = state.risk
  const time = clock.now()
  const last = market.last(request.symbol)
  const trading = tradingState(runtime)
  const others = openOrdersOf(runtime, request.symbol).filter((order) => order.header.orderId !== header.orderId)
  const totalCash = decimal(state.ledger.cash(state.currency))
  let equity: Decimal | undefined
  let exposures: ReadonlyMap<string, Decimal> | undefined
  return {
    time,
    policy,
    request,
    exits: header.exits,
    addsExposure: !request.reduceOnly,
    tradingState: trading.state,
    tradingStateReasons: trading.reasons,
    reconciled: runtime.reconciled,
    clientOrderIdInUse: (state.index.orderByClientId.get(request.clientOrderId) ?? header.orderId) !== header.orderId,
    instrument: runtime.broker?.instrument(request.symbol),
    marketOpen: calendar.openSession(time) !== undefined,
    closedSessionDate: calendar.previousSession(time).date,
    last,
    averageVolume: request.reduceOnly ? undefined : market.averageVolume(request.symbol, policy.averageVolumeSessions),
    position: decimal(state.ledger.quantity(request.symbol)),
    claimed: claimedBy(others, header),
    unprotected: runtime.uncovered.has(request.symbol),
    openOrders: others
      .filter(({ state: { status } }) => status !== 'pending-cancel')
      .map((order) => order.header.request),
    totalCash,
    freeCash: totalCash.minus(state.index.lockedCash),
    reservedCash: () => cashToReserve(request, policy, last?.price),
    equity: () => {
      equity ??= required(equityOf(runtime), 'the worth of all positions')
      return equity
    },
    exposures: () => {
      exposures ??= exposuresOf(runtime, header.orderId)
      return exposures
    },
    moveTogether: (symbol, other) =>
      (market.correlation(symbol, other, policy.correlationSessions) ?? 1) > policy.correlationThreshold,
    dayStartEquity: dayStartEquity === undefined ? undefined : decimal(dayStartEquity),
    peakEquity: peakEquity === undefined ? undefined : decimal(peakEquity),
    lastLossAt,
  }
}

/** Units that other exits claim. A stop and its target are a pair, and each leg is measured against its own kind. */
function claimedBy(others: readonly OrderRecord[], { purpose }: OrderHeader): Decimal {
  let claimed = zero
  for (const { header, state } of others) {
    if (!header.request.reduceOnly) continue
    const leaving = header.purpose === 'exit-intent' || header.purpose === 'exit-time'
    if (leaving || header.purpose === purpose) claimed = claimed.plus(decimal(state.leavesQuantity))
  }
  return claimed
}

function exposuresOf(runtime: KernelRuntime, exceptOrderId: string): ReadonlyMap<string, Decimal> {
  const { state, market } = runtime
  const exposures = new Map<string, Decimal>()
  const add = (symbol: string, units: Decimal, price: Decimal): void => {
    exposures.set(symbol, (exposures.get(symbol) ?? zero).plus(units.abs().times(price)))
  }
  for (const trip of state.trips.values()) {
    const units = decimal(state.ledger.quantity(trip.symbol))
    if (!units.eq(zero))
      add(trip.symbol, units, required(market.last(trip.symbol), `the price of ${trip.symbol}`).price)
  }
  for (const [symbol, orderIds] of state.index.openOrders) {
    for (const orderId of orderIds) {
      const order = state.orders.get(orderId)
      if (order === undefined || orderId === exceptOrderId || order.header.request.reduceOnly) continue
      const text = order.header.request.limitPrice ?? order.header.request.stopPrice
      const price = text === undefined ? required(market.last(symbol), `the price of ${symbol}`).price : decimal(text)
      add(symbol, decimal(order.state.leavesQuantity), price)
    }
  }
  return exposures
}
