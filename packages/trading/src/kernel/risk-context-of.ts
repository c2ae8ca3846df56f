import { type Decimal, decimal, one, zero } from '../money/decimal.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import type { OrderRequest } from '../orders/order-request.js'
import { requestInForce } from '../orders/request-in-force.js'
import { exitKind } from '../protection/exit-kind.js'
import { cashToReserve } from '../risk/risk-authority.js'
import { type RiskContext, required } from '../risk/risk-context.js'
import { equityOf, type KernelRuntime, openOrdersOf, tradingState } from './kernel-runtime.js'
import { cashLockedBy } from './kernel-state.js'

/** What the rules may know of an order, as the books and the market stand now. What is costly is worked out when a rule asks. */
export function riskContextOf(runtime: KernelRuntime, header: OrderHeader): RiskContext {
  const { state, market, clock, calendar } = runtime
  const { request } = header
  const { policy, dayStartEquity, peakEquity, lastLossAt } = state.risk
  const time = clock.now()
  const last = market.last(request.symbol)
  const trading = tradingState(runtime, header)
  const others = openOrdersOf(runtime, request.symbol).filter((order) => order.header.orderId !== header.orderId)
  const totalCash = decimal(state.ledger.cash(state.currency))
  let equity: Decimal | undefined
  let exposures: ReadonlyMap<string, Decimal> | undefined
  return {
    time,
    policy,
    request,
    purpose: header.purpose,
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
    claimed: claimedUnits(runtime, others, header),
    unprotected: runtime.uncovered.has(request.symbol),
    openOrders: others.filter(({ state: { status } }) => status !== 'pending-cancel').map(requestInForce),
    totalCash,
    freeCash: totalCash.minus(state.index.lockedCash).plus(cashLockedBy(state.orders.get(header.orderId))),
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

/**
 * Units that other exits claim. A stop and its target are a pair, and each leg is measured against its own kind; both yield to what leaves.
 * A permit that was not used claims nothing. An exit that waits in the queue yields to one that outranks it, and so does one that rests.
 */
function claimedUnits(runtime: KernelRuntime, others: readonly OrderRecord[], header: OrderHeader): Decimal {
  const own = exitKind(header)
  const trip = runtime.state.trips.get(header.request.symbol)
  const held = decimal(runtime.state.ledger.quantity(header.request.symbol)).abs()
  if (header.purpose === 'exit-intent' && trip?.timeExitDue === true && decimal(header.request.quantity).lt(held))
    return held
  let claimed = zero
  for (const other of others) {
    if (!other.header.request.reduceOnly) continue
    const kind = exitKind(other.header)
    if (other.state.status === 'permitted') {
      const waits = trip?.queuedExitOrderId === other.header.orderId && header.purpose === 'exit-intent'
      if (waits && !outranks(header.request, other.header.request)) return held
    } else if (kind === 'leave' || kind === own || (kind === 'resting' && own !== 'leave'))
      claimed = claimed.plus(decimal(other.state.leavesQuantity))
  }
  return claimed
}

/** Whether an exit takes the place of one that waits to be sent: it must leave at least as much. */
function outranks(exit: OrderRequest, waiting: OrderRequest): boolean {
  return waiting.type !== 'market' || decimal(exit.quantity).gte(decimal(waiting.quantity))
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
  addExternal(runtime, add)
  for (const [symbol, orderIds] of state.index.openOrders) {
    for (const orderId of orderIds) {
      const order = state.orders.get(orderId)
      if (order === undefined || orderId === exceptOrderId || order.header.request.reduceOnly) continue
      const leaves = decimal(order.state.leavesQuantity)
      if (order.state.sizedIn === 'quote') {
        add(symbol, leaves, one)
        continue
      }
      const { limitPrice, stopPrice } = requestInForce(order)
      const text = limitPrice ?? stopPrice
      const price = text === undefined ? required(market.last(symbol), `the price of ${symbol}`).price : decimal(text)
      add(symbol, leaves, price)
    }
  }
  return exposures
}

/** What is at the venue and not ours counts at the last price: what it holds, and what its orders may yet add, either way. */
function addExternal(runtime: KernelRuntime, add: (symbol: string, units: Decimal, price: Decimal) => void): void {
  const { market, externalOrders, externalHoldings } = runtime
  const priceOf = (symbol: string): Decimal => required(market.last(symbol), `the price of ${symbol}`).price
  for (const { symbol, quantity, filledQuantity } of externalOrders.values())
    add(symbol, decimal(quantity).minus(decimal(filledQuantity)), priceOf(symbol))
  for (const [asset, units] of externalHoldings) {
    const symbol = market.symbols().find((each) => runtime.broker?.instrument(each)?.asset === asset)
    if (symbol !== undefined) add(symbol, units, priceOf(symbol))
  }
}
