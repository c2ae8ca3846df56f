import type { Instrument } from '../instruments/instrument.js'
import { type Decimal, decimal, decimalText, roundToStep, zero } from '../money/decimal.js'
import type { Broker } from '../orders/broker.js'
import type { OrderRecord } from '../orders/order-record.js'
import { requestInForce } from '../orders/request-in-force.js'
import { exitKind } from '../protection/exit-kind.js'
import { type PlannedLevels, plannedLevels } from '../protection/planned-levels.js'
import type { RoundTrip } from '../protection/round-trip.js'
import { canReplace } from './amend-desk.js'
import { alert, type KernelRuntime, openOrdersOf } from './kernel-runtime.js'

const holdsBoth = { stops: true, targets: true } as const

/** What of a position's exits can rest at a venue as orders of their own; the rest is watched by the kernel, but for what is in a pair. */
export function heldByVenue({ capabilities }: Broker): { readonly stops: boolean; readonly targets: boolean } {
  if (capabilities === undefined) return holdsBoth
  const stops = capabilities.orderTypes.includes('stop')
  return { stops, targets: capabilities.holdsExitPairs || !stops }
}

/**
 * Whether stop and target of a position are to be one order: where both cannot rest side by side, and the venue takes the two in one. Not
 * where the stop is to move and the venue would move a stop and not a pair: a stop that is never away is worth more than a target.
 */
export function placesPairs(broker: Broker, { plan, pairRefusals }: RoundTrip, { orderTypes }: Instrument): boolean {
  const { capabilities } = broker
  if (capabilities === undefined || capabilities.holdsExitPairs || plan === undefined) return false
  if (!capabilities.orderTypes.includes('oco') || orderTypes?.includes('oco') === false) return false
  const moves = [plan.trailAmount, plan.trailFraction, plan.breakEvenPrice].some((field) => field !== undefined)
  return pairRefusals === undefined && !(moves && canReplace(broker, 'stop') && !canReplace(broker, 'oco'))
}

/** Whether pairs that the venue acknowledges hold the target of all units. */
export function pairsHoldTarget(runtime: KernelRuntime, trip: RoundTrip, instrument: Instrument): boolean {
  const target = levelsOf(trip, instrument)?.target
  let units = zero
  for (const order of openOrdersOf(runtime, trip.symbol)) {
    if (exitKind(order.header) !== 'pair' || !isAcknowledged(order)) continue
    if (requestInForce(order).limitPrice === target) units = units.plus(decimal(order.state.leavesQuantity))
  }
  return units.gte(heldUnits(runtime, instrument))
}

/** Where stop and target of a position belong; undefined where nobody planned it. */
export function levelsOf({ side, plan }: RoundTrip, { tickSize }: Instrument): PlannedLevels | undefined {
  return plan === undefined ? undefined : plannedLevels(side, plan, tickSize)
}

/** Units that can be sold (or bought back): whole lots. What fees of other symbols have taken of the asset is not there to be sold. */
export function heldUnits({ state }: KernelRuntime, { symbol, lotSize, asset }: Instrument): Decimal {
  const position = state.ledger.units(symbol)
  if (position.isZero()) return zero
  const isLong = position.isPositive()
  const { ledger, currency } = state
  const mayBeTaken = isLong && asset !== currency && ledger.currencyCount() > 1
  const taken = mayBeTaken ? ledger.cashAmount(asset) : zero
  const left = taken.isNegative() ? position.plus(taken) : position
  if (isLong && left.isNegative()) return zero
  const quantity = left.abs()
  const lot = decimal(lotSize)
  return quantity.isMultipleOf(lot) ? quantity : roundToStep(quantity, lot, 'down')
}

/** Whether an exit would enlarge what is held, as one of before the position turned: it takes no unit off, and holds none. */
export function enlarges({ state }: KernelRuntime, { header: { request } }: OrderRecord): boolean {
  const units = state.ledger.units(request.symbol)
  return !units.isZero() && units.isNegative() === (request.side === 'sell')
}

/** Whether exits that are live, or may be, come to more than is held; stop and target of the same units are a pair that counts once. */
export function exceedsHeld(runtime: KernelRuntime, symbol: string): boolean {
  let stops = zero
  let others = zero
  let leaving = zero
  for (const order of openOrdersOf(runtime, symbol)) {
    if (!order.header.request.reduceOnly || order.state.status === 'permitted' || enlarges(runtime, order)) continue
    const leaves = decimal(order.state.leavesQuantity)
    const kind = exitKind(order.header)
    if (kind === 'leave') leaving = leaving.plus(leaves)
    else {
      if (kind === 'stop' || kind === 'pair') stops = stops.plus(leaves)
      if (kind !== 'stop') others = others.plus(leaves)
    }
  }
  return leaving.plus(stops.gt(others) ? stops : others).gt(runtime.state.ledger.units(symbol).abs())
}

/**
 * Only a stop no looser than the mandate, and an order that leaves at the next price, cover anything; neither where it would enlarge what is
 * held, as one of before the position turned.
 */
function covers(order: OrderRecord, way: 'buy' | 'sell', levels: PlannedLevels | undefined): boolean {
  const { reduceOnly, side, stopPrice } = requestInForce(order)
  if (side !== way) return false
  const kind = exitKind(order.header)
  const stops = kind === 'stop' || kind === 'pair'
  if (!reduceOnly || !stops || stopPrice === undefined) return reduceOnly && kind === 'leave'
  if (levels === undefined) return true
  const planned = decimal(levels.stop)
  return side === 'sell' ? decimal(stopPrice).gte(planned) : decimal(stopPrice).lte(planned)
}

/** Whether the venue holds an order and nothing is on the way with it. */
export function isAcknowledged({ state }: OrderRecord): boolean {
  return acknowledged.has(state.status)
}

const acknowledged: ReadonlySet<string> = new Set(['accepted', 'triggered', 'partially-filled'])

/** Keeps account of positions without an acknowledged exit: their symbol takes no entries, and one that lasts is told. */
export function noteCoverage(
  runtime: KernelRuntime,
  symbol: string,
  instrument: Instrument,
  held: Decimal = heldUnits(runtime, instrument),
): void {
  if (held.isZero()) {
    setCovered(runtime, symbol)
    return
  }
  let covered = zero
  const open = openOrdersOf(runtime, symbol)
  const isWatched = runtime.broker !== undefined && !heldByVenue(runtime.broker).stops
  const trip = isWatched || open.length > 0 ? runtime.state.trips.get(symbol) : undefined
  const levels = trip === undefined ? undefined : levelsOf(trip, instrument)
  // What the venue cannot hold is watched here, which is all the cover that there can be.
  if (levels !== undefined && isWatched) covered = held
  const way = runtime.state.ledger.units(symbol).isPositive() ? 'sell' : 'buy'
  for (const order of open) {
    // What is worked lies at the venue in its parts alone.
    if (order.header.execution === undefined && isAcknowledged(order) && covers(order, way, levels))
      covered = covered.plus(decimal(order.state.leavesQuantity))
  }
  if (covered.gte(held)) {
    setCovered(runtime, symbol)
    return
  }
  const now = runtime.clock.now()
  const known = runtime.uncovered.get(symbol) ?? { since: now, alerted: false }
  runtime.uncovered.set(symbol, known)
  // From anew where the clock was put back.
  known.since = Math.min(known.since, now)
  if (known.alerted || now - known.since < runtime.state.risk.policy.protectMs) return
  known.alerted = true
  alert(
    runtime,
    'UNPROTECTED',
    `${decimalText(held.minus(covered))} ${symbol} have no exit that the venue acknowledges`,
    symbol,
  )
}

/** Where nothing is held, or all of it has its exit. */
export function setCovered({ uncovered }: KernelRuntime, symbol: string): void {
  if (uncovered.size > 0) uncovered.delete(symbol)
}
