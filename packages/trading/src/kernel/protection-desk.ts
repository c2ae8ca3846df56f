import type { Instrument } from '../instruments/instrument.js'
import { type Decimal, decimal, decimalText, roundToStep, zero } from '../money/decimal.js'
import { clientOrderId } from '../orders/client-order-id.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import type { OrderRequest } from '../orders/order-request.js'
import { exitKind } from '../protection/exit-kind.js'
import { type ExitOrderView, type ProtectionAction, planProtection } from '../protection/plan-protection.js'
import { type PlannedLevels, plannedLevels } from '../protection/planned-levels.js'
import type { RoundTrip } from '../protection/round-trip.js'
import type { OrderPurpose } from './kernel.js'
import { alert, commit, type KernelRuntime, openOrdersOf, tellOrder } from './kernel-runtime.js'
import { denyOrder, requestCancel, sendOrder } from './order-desk.js'

/** After so many refusals in a session a protective order is not sent again before the next one. */
const maximumRefusals = 5

/**
 * Brings the exits of a symbol in line with its position. Depends on the books and the venue alone, on no agent:
 * it runs after every word of the venue and again when the market moves on.
 */
export async function protect(runtime: KernelRuntime, symbol: string): Promise<void> {
  const trip = runtime.state.trips.get(symbol)
  const instrument = runtime.broker?.instrument(symbol)
  if (trip === undefined || instrument === undefined) return
  dropOvertakenExit(runtime, trip, instrument)
  const actions = planFor(runtime, symbol, instrument)
  for (const action of actions) await carryOut(runtime, symbol, instrument, action)
  // An exit that could not be sent, for which the legs had made room: they come back.
  if (actions.some(({ type }) => type === 'leave'))
    for (const action of planFor(runtime, symbol, instrument))
      if (action.type === 'place') await carryOut(runtime, symbol, instrument, action)
  noteCoverage(runtime, symbol, instrument)
}

function planFor(runtime: KernelRuntime, symbol: string, instrument: Instrument): readonly ProtectionAction[] {
  const trip = runtime.state.trips.get(symbol)
  if (trip === undefined) return []
  const quantity = heldUnits(runtime, instrument)
  const orders = openOrdersOf(runtime, symbol).filter(
    ({ header, state }) => header.request.reduceOnly && state.status !== 'permitted',
  )
  const queued = queuedExit(runtime, trip)
  return planProtection({
    quantity,
    levels: trip.status === 'open' ? levelsToSend(trip, instrument) : undefined,
    exitOrders: orders.map(exitOrderView),
    toLeave: queued !== undefined ? decimal(queued.header.request.quantity) : trip.timeExitDue ? quantity : zero,
  })
}

function exitOrderView({ header, state }: OrderRecord): ExitOrderView {
  return {
    orderId: header.orderId,
    kind: exitKind(header),
    leaves: decimal(state.leavesQuantity),
    level: header.request.stopPrice ?? header.request.limitPrice,
    cancelPending: state.status === 'pending-cancel',
    unsettled: state.status === 'unknown',
  }
}

function levelsOf({ side, plan }: RoundTrip, { tickSize }: Instrument): PlannedLevels | undefined {
  return plan === undefined ? undefined : plannedLevels(side, plan, tickSize)
}

/** The levels of those legs that the venue (or we) have not refused too often in this session; a target that is refused stops no stop. */
function levelsToSend(trip: RoundTrip, instrument: Instrument): Partial<PlannedLevels> | undefined {
  const levels = levelsOf(trip, instrument)
  if (levels === undefined) return undefined
  const { refusals, targetRefusals = 0 } = trip
  return {
    ...(refusals < maximumRefusals ? { stop: levels.stop } : {}),
    ...(targetRefusals < maximumRefusals ? { target: levels.target } : {}),
  }
}

/** Units that can be sold (or bought back): whole lots. */
function heldUnits(runtime: KernelRuntime, { symbol, lotSize }: Instrument): Decimal {
  const quantity = decimal(runtime.state.ledger.quantity(symbol)).abs()
  return quantity.mod(decimal(lotSize)).eq(zero) ? quantity : roundToStep(quantity, decimal(lotSize), 'down')
}

function queuedExit(runtime: KernelRuntime, trip: RoundTrip): OrderRecord | undefined {
  return trip.queuedExitOrderId === undefined ? undefined : runtime.state.orders.get(trip.queuedExitOrderId)
}

/**
 * An exit that waited while other exits filled may be more than what is left: it is refused rather than cut.
 * One that leaves only a part gives way to the time exit, which leaves all; one that would rest is not sent.
 */
function dropOvertakenExit(runtime: KernelRuntime, trip: RoundTrip, instrument: Instrument): void {
  const { symbol, queuedExitOrderId, timeExitDue } = trip
  if (queuedExitOrderId === undefined) return
  const queued = queuedExit(runtime, trip)
  const held = heldUnits(runtime, instrument)
  const waits = queued?.state.status === 'permitted'
  const quantity = decimal(queued?.header.request.quantity ?? '0')
  const overtaken = quantity.gt(held) || (timeExitDue && quantity.lt(held))
  if (waits && !overtaken && exitKind(queued.header) === 'leave') return
  commit(runtime, { type: 'exit-unqueued', time: runtime.clock.now(), orderId: queuedExitOrderId, symbol })
  if (!waits) return
  const message =
    exitKind(queued.header) !== 'leave'
      ? 'an exit is sent as a market order only'
      : timeExitDue
        ? `its time to be held is over, and all ${decimalText(held)} ${symbol} are to be left`
        : `only ${decimalText(held)} ${symbol} are left, and the exit waited for ${decimalText(quantity)}`
  denyOrder(runtime, queuedExitOrderId, [{ code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION', message }])
}

async function carryOut(
  runtime: KernelRuntime,
  symbol: string,
  instrument: Instrument,
  action: ProtectionAction,
): Promise<void> {
  if (action.type === 'cancel') return requestCancel(runtime, action.orderId, 'the position it protects has changed')
  const trip = runtime.state.trips.get(symbol)
  if (trip === undefined) return
  const queued = action.type === 'leave' ? queuedExit(runtime, trip) : undefined
  if (queued !== undefined)
    return decimal(queued.header.request.quantity).eq(action.quantity) ? sendQueued(runtime, queued) : undefined
  if (action.type === 'leave') return placeExit(runtime, trip, instrument, 'exit-time', action.quantity)
  await placeExit(runtime, trip, instrument, action.kind === 'stop' ? 'exit-stop' : 'exit-target', action.quantity)
}

async function sendQueued(runtime: KernelRuntime, order: OrderRecord): Promise<void> {
  const { orderId, request } = order.header
  const time = runtime.clock.now()
  commit(runtime, { type: 'exit-unqueued', time, orderId, symbol: request.symbol })
  commit(runtime, { type: 'permit-renewed', time, orderId, permit: runtime.authority.renewed(order) })
  await sendOrder(runtime, orderId)
}

async function placeExit(
  runtime: KernelRuntime,
  trip: RoundTrip,
  instrument: Instrument,
  purpose: OrderPurpose,
  quantity: Decimal,
): Promise<void> {
  if (purpose === 'exit-time') await cancelUnprotective(runtime, trip.symbol, 'the position is to be left')
  const header = exitHeader(runtime, trip, instrument, purpose, quantity)
  if (header === undefined) return
  const { findings } = runtime.authority.assess(header)
  tellOrder(runtime, header.orderId)
  const failed = findings.length > 0 ? findings : await sendOrder(runtime, header.orderId)
  const [finding] = failed
  if (finding !== undefined)
    alert(
      runtime,
      'PROTECTION_REFUSED',
      `${purpose} of ${trip.symbol}: ${finding.code}: ${finding.message}`,
      trip.symbol,
    )
}

/** The exit is made under the mandate of the entry: it carries the entry's intent and chain. */
function exitHeader(
  runtime: KernelRuntime,
  trip: RoundTrip,
  instrument: Instrument,
  purpose: OrderPurpose,
  quantity: Decimal,
): OrderHeader | undefined {
  const terms = exitTerms(trip, instrument, purpose)
  if (terms === undefined) return undefined
  const orderId = runtime.ids.next('order')
  const { account } = runtime.state
  const { symbol, intentId, agent, strategy, asset, correlationId, causationId } = trip
  const request: OrderRequest = {
    account,
    clientOrderId: clientOrderId({ orderId, account, attempt: 1, revision: 0 }),
    symbol,
    side: trip.side === 'long' ? 'sell' : 'buy',
    quantity: decimalText(quantity),
    reduceOnly: true,
    ...terms,
  }
  return {
    orderId,
    intentId,
    purpose,
    request,
    agent,
    strategy,
    asset,
    createdAt: runtime.clock.now(),
    correlationId,
    causationId,
  }
}

type ExitTerms = Pick<OrderRequest, 'type' | 'timeInForce' | 'limitPrice' | 'stopPrice'>

function exitTerms(trip: RoundTrip, instrument: Instrument, purpose: OrderPurpose): ExitTerms | undefined {
  if (purpose === 'exit-time') return { type: 'market', timeInForce: 'day' }
  const levels = levelsOf(trip, instrument)
  if (levels === undefined) return undefined
  return purpose === 'exit-stop'
    ? { type: 'stop', timeInForce: 'gtc', stopPrice: levels.stop }
    : { type: 'limit', timeInForce: 'gtc', limitPrice: levels.target }
}

/** Cancels what rests in a symbol, or in all, and protects nothing: entries, and exits at a price of an agent's own. Market exits go on. */
export async function cancelUnprotective(
  runtime: KernelRuntime,
  symbol: string | undefined,
  reason: string,
): Promise<void> {
  const symbols = symbol === undefined ? [...runtime.state.index.openOrders.keys()] : [symbol]
  for (const each of symbols) {
    for (const { header } of openOrdersOf(runtime, each)) {
      if (!header.request.reduceOnly || exitKind(header) === 'resting')
        await requestCancel(runtime, header.orderId, reason)
    }
  }
}

/** Only a stop no looser than the mandate, and an order that leaves at the next price, cover anything. */
function covers({ header }: OrderRecord, levels: PlannedLevels | undefined): boolean {
  const { reduceOnly, side, stopPrice } = header.request
  const kind = exitKind(header)
  if (!reduceOnly || kind !== 'stop' || stopPrice === undefined) return reduceOnly && kind === 'leave'
  if (levels === undefined) return true
  const planned = decimal(levels.stop)
  return side === 'sell' ? decimal(stopPrice).gte(planned) : decimal(stopPrice).lte(planned)
}

const acknowledged: ReadonlySet<string> = new Set(['accepted', 'triggered', 'partially-filled'])

/** Keeps account of positions without an acknowledged exit: their symbol takes no entries, and one that lasts is told. */
function noteCoverage(runtime: KernelRuntime, symbol: string, instrument: Instrument): void {
  const held = heldUnits(runtime, instrument)
  let covered = zero
  if (held.gt(zero)) {
    const trip = runtime.state.trips.get(symbol)
    const levels = trip === undefined ? undefined : levelsOf(trip, instrument)
    for (const order of openOrdersOf(runtime, symbol)) {
      if (acknowledged.has(order.state.status) && covers(order, levels))
        covered = covered.plus(decimal(order.state.leavesQuantity))
    }
  }
  if (covered.gte(held)) {
    runtime.uncovered.delete(symbol)
    return
  }
  const now = runtime.clock.now()
  const known = runtime.uncovered.get(symbol) ?? { since: now, alerted: false }
  runtime.uncovered.set(symbol, known)
  if (known.alerted || now - known.since < runtime.state.risk.policy.protectMs) return
  known.alerted = true
  alert(
    runtime,
    'UNPROTECTED',
    `${decimalText(held.minus(covered))} ${symbol} have no exit that the venue acknowledges`,
    symbol,
  )
}
