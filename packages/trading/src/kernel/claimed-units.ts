import { type Decimal, decimal, zero } from '../money/decimal.js'
import type { OrderHeader, OrderRecord } from '../orders/order-record.js'
import type { OrderRequest } from '../orders/order-request.js'
import { type ExitKind, exitKind } from '../protection/exit-kind.js'
import { waitsForAuction } from './auction-exit.js'
import { type KernelRuntime, openOrdersOf } from './kernel-runtime.js'

/**
 * Units that other exits claim. A stop and its target are a pair, and each leg is measured against its own kind; both yield to what leaves.
 * A permit that was not used claims nothing, nor does an exit of before the position turned. An exit that waits in the queue yields to one that
 * outranks it, and so does one that rests; beside one that waits for its auction an exit is worked where there are units for both.
 */
export function claimedUnits(runtime: KernelRuntime, others: readonly OrderRecord[], header: OrderHeader): Decimal {
  const { request, purpose } = header
  const trip = runtime.state.trips.get(request.symbol)
  const held = runtime.state.ledger.units(request.symbol).abs()
  if (purpose === 'exit-intent' && trip?.timeExitDue === true && decimal(request.quantity).lt(held)) return held
  const claimed = claimedBySent(runtime, others, header)
  const waiting = purpose === 'exit-intent' ? waitingFor(runtime, others, header) : undefined
  if (waiting === undefined) return claimed
  if (isWorkedBeside(runtime, header, waiting, claimed)) return claimed.plus(decimal(waiting.header.request.quantity))
  return outranks(request, waiting.header.request) ? claimed : held
}

/** Whether an exit that waits for its auction goes on waiting while another one is worked beside it. */
export function isKeptBeside(runtime: KernelRuntime, header: OrderHeader, waiting: OrderRecord): boolean {
  const others = openOrdersOf(runtime, header.request.symbol).filter((order) => order.header.orderId !== header.orderId)
  return isWorkedBeside(runtime, header, waiting, claimedBySent(runtime, others, header))
}

/** The exit in the queue that is for units which this one would leave. */
function waitingFor(
  runtime: KernelRuntime,
  others: readonly OrderRecord[],
  header: OrderHeader,
): OrderRecord | undefined {
  const { symbol, side } = header.request
  const orderId = runtime.state.trips.get(symbol)?.queuedExitOrderId
  const waiting = orderId === undefined ? undefined : others.find((order) => order.header.orderId === orderId)
  if (waiting?.state.status !== 'permitted' || waiting.header.request.side !== side) return undefined
  return yieldsTo(runtime, waiting, header) ? undefined : waiting
}

function claimedBySent(runtime: KernelRuntime, others: readonly OrderRecord[], header: OrderHeader): Decimal {
  const own = exitKind(header)
  let claimed = zero
  for (const other of others) {
    const { reduceOnly, side } = other.header.request
    if (!reduceOnly || side !== header.request.side || other.state.status === 'permitted') continue
    const kind = exitKind(other.header)
    const isRival = kind === 'leave' || ofOneLeg(kind, own) || (kind === 'resting' && own !== 'leave')
    if (isRival && !yieldsTo(runtime, other, header)) claimed = claimed.plus(decimal(other.state.leavesQuantity))
  }
  return claimed
}

/** A part goes on whatever else: its whole was admitted beside what waits. */
function isWorkedBeside(
  runtime: KernelRuntime,
  { execution, parentOrderId, request }: OrderHeader,
  waiting: OrderRecord,
  claimed: Decimal,
): boolean {
  const isPart = parentOrderId !== undefined
  if (!isPart && (execution === undefined || execution.style === 'parts')) return false
  if (waiting.header.request.side !== request.side || !waitsForAuction(runtime, waiting.header)) return false
  const wanted = claimed.plus(decimal(waiting.header.request.quantity)).plus(decimal(request.quantity))
  return isPart || wanted.lte(runtime.state.ledger.units(request.symbol).abs())
}

/** Whether exits of two kinds take units from each other: a pair is a stop and a target. */
function ofOneLeg(one: ExitKind, other: ExitKind): boolean {
  if (one === other) return true
  const isPair = one === 'pair' || other === 'pair'
  return isPair && [one, other].every((kind) => kind === 'pair' || kind === 'stop' || kind === 'target')
}

/**
 * Whether an exit that is worked, or a part of it, stands back. Among what agents ask for it counts as a whole, to its own parts and to the
 * exits that the kernel makes by what is sent of it.
 */
function yieldsTo({ state }: KernelRuntime, { header: other }: OrderRecord, header: OrderHeader): boolean {
  const isWhole = header.purpose === 'exit-intent' && header.parentOrderId === undefined
  if (other.execution !== undefined) return !isWhole
  return isWhole && other.parentOrderId !== undefined && state.index.working.has(other.parentOrderId)
}

/** Whether an exit takes the place of one that waits to be sent: it must leave at least as much. */
function outranks(exit: OrderRequest, waiting: OrderRequest): boolean {
  return waiting.type !== 'market' || decimal(exit.quantity).gte(decimal(waiting.quantity))
}
