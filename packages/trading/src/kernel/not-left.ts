import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import { exitKind } from '../protection/exit-kind.js'
import { enlarges, exceedsHeld, heldUnits } from './coverage.js'
import type { RiskFinding } from './kernel.js'
import { type KernelRuntime, nothingSent, openOrdersOf } from './kernel-runtime.js'

/**
 * Why so many units of a symbol cannot be left, though the venue be reached: they are held by an order of which nobody knows whether the venue
 * has it, and which can neither be sent again nor be given up for now. Undefined where they can.
 */
export function exitFinding(runtime: KernelRuntime, symbol: string, wanted: Decimal): RiskFinding | undefined {
  const instrument = runtime.broker?.instrument(symbol)
  if (instrument === undefined) return undefined
  const held = heldUnits(runtime, instrument)
  const unknown = openOrdersOf(runtime, symbol).filter(
    (order) => order.state.status === 'unknown' && order.header.request.reduceOnly && !enlarges(runtime, order),
  )
  // For more than is left, as after a correction, they would be sent to no good.
  const areTooMuch = unknownUnits(unknown).gt(held)
  const stuck = unknown.filter((order) => isStuck(runtime, order, areTooMuch))
  const first = stuck[0]
  if (first === undefined || unknownUnits(stuck).plus(wanted).lte(held)) return undefined
  const message = `nobody knows whether the venue has order ${first.header.orderId}, which is for units of the ${decimalText(held)} ${symbol}, and it can neither be sent again nor given up for now: a person has to look at the venue`
  return { code: 'EXIT_IN_DOUBT', message }
}

function isStuck(runtime: KernelRuntime, { header }: OrderRecord, areTooMuch: boolean): boolean {
  if (exitKind(header) === 'leave' && exceedsHeld(runtime, header.request.symbol)) return true
  const { broker } = runtime
  const { clientOrderIds = 'permanent', requestLifetimeMs, requestLifetimeOf } = broker?.capabilities ?? {}
  const isGivenUp = requestLifetimeMs !== undefined && requestLifetimeOf?.includes(header.request.type) !== false
  return (clientOrderIds !== 'permanent' || areTooMuch) && !isGivenUp
}

/** Stop and target of the same units count once. */
function unknownUnits(orders: readonly OrderRecord[]): Decimal {
  let [stops, targets, leaving] = [zero, zero, zero]
  for (const { header, state } of orders) {
    const leaves = decimal(state.leavesQuantity)
    const kind = exitKind(header)
    if (kind === 'leave') leaving = leaving.plus(leaves)
    if (kind === 'stop' || kind === 'pair') stops = stops.plus(leaves)
    if (kind === 'target' || kind === 'pair' || kind === 'resting') targets = targets.plus(leaves)
  }
  return leaving.plus(stops.gt(targets) ? stops : targets)
}

/** Why nothing is under way that leaves a position which is to be left; undefined where it is left, or being left. */
export function notLeft(runtime: KernelRuntime, symbol: string): string | undefined {
  const { broker, state } = runtime
  const trip = state.trips.get(symbol)
  const fault = runtime.toldFaults.get(exitsOf(symbol))
  if (fault !== undefined) return fault
  const instrument = broker?.instrument(symbol)
  // Before the start nothing is sent: what was to be left is left then.
  if (instrument === undefined || trip?.status !== 'open') return undefined
  const held = heldUnits(runtime, instrument)
  if (held.isZero()) return undefined
  const standing = nothingSent(runtime)
  if (standing !== undefined) return standing.reason
  const stuck = exitFinding(runtime, symbol, held)
  if (stuck !== undefined) return stuck.message
  const isUnderWay = openOrdersOf(runtime, symbol).some((order) => {
    const { header, state } = order
    if (!header.request.reduceOnly || enlarges(runtime, order)) return false
    return exitKind(header) === 'leave' || state.status === 'unknown' || state.status === 'pending-cancel'
  })
  return isUnderWay ? undefined : 'its exit was refused; it is tried again as the market goes on'
}

/** What the work on the exits of a symbol is called where it fails. */
export function exitsOf(symbol: string): string {
  return `the exits of ${symbol}`
}
