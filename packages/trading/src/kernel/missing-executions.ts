import { decimal } from '../money/decimal.js'
import type { Execution, OrderExecution, VenueOrder } from '../orders/broker.js'
import { compareExecutions } from '../orders/compare-executions.js'
import { toldExecution } from '../orders/execution-book.js'
import { noted, nothingNoted } from '../orders/noted.js'
import type { OrderRecord } from '../orders/order-record.js'
import { filledMeasure } from '../orders/order-state.js'
import { revisionsInForce } from '../orders/order-status.js'
import { requestInForce } from '../orders/request-in-force.js'
import { syntheticTradeId } from '../orders/synthetic-trade-id.js'
import { alert, brokerOf, type KernelRuntime } from './kernel-runtime.js'
import { noteVenueWord } from './venue-word.js'

/**
 * Asks what the venue executed of an order that it knows by this id, and books what did not come by the stream. True when books and venue
 * agree; false where the venue cannot be asked, or tells of more than it can name: then nothing may be built on it.
 */
export async function fetchMissing(runtime: KernelRuntime, clientOrderId: string): Promise<boolean> {
  try {
    const found = await brokerOf(runtime).order(clientOrderId)
    return found === undefined || (await bookMissing(runtime, found))
  } catch {
    return false
  }
}

/** As {@link fetchMissing}, of an order as the venue has just shown it. Throws what the venue throws. */
export async function bookMissing(runtime: KernelRuntime, found: VenueOrder): Promise<boolean> {
  const orderId = runtime.state.index.orderByClientId.get(found.clientOrderId)
  const order = orderId === undefined ? undefined : runtime.state.orders.get(orderId)
  if (order === undefined || isComplete(order, found)) return true
  await bookExecutionsSince(runtime, order.header.createdAt)
  const after = runtime.state.orders.get(order.header.orderId) ?? order
  if (isComplete(after, found)) return true
  if (runtime.toldMissing.get(found.clientOrderId) === found.filledQuantity) return false
  runtime.toldMissing.set(found.clientOrderId, found.filledQuantity)
  const message = `the venue filled ${found.filledQuantity} of order ${orderId}, the books have ${after.state.filledQuantity}`
  alert(runtime, 'MISSING_EXECUTIONS', message, found.symbol)
  return false
}

/** Our clock and the venue's differ by less than this: executions are asked for from so much earlier on. */
export const mostClocksDifferMs = 600_000

/** What the venue executed since an instant of our clock; undefined where it cannot be asked. Throws what the venue throws. */
export async function executionsSince(
  runtime: KernelRuntime,
  since: number,
): Promise<readonly OrderExecution[] | undefined> {
  return brokerOf(runtime).executions?.(since - mostClocksDifferMs)
}

/** Books the executions of orders of ours that the venue names since an instant of our clock and the books do not hold. Throws what the venue throws. */
export async function bookExecutionsSince(runtime: KernelRuntime, since: number): Promise<void> {
  const executions = await executionsSince(runtime, since)
  const alike = new Map<string, number>()
  for (const each of executions ?? []) {
    const { clientOrderId, venueOrderId, time } = each
    const orderId = runtime.state.index.orderByClientId.get(clientOrderId)
    const order = orderId === undefined ? undefined : runtime.state.orders.get(orderId)
    if (order === undefined) continue
    const execution = { ...each.execution, tradeId: nameOf(each, alike) }
    const said = { clientOrderId, venueOrderId }
    const eventId = `fetched-${execution.tradeId}`
    const isNew =
      toldExecution(order.state, execution.tradeId) === undefined && noted(order.state.misfits, eventId) === undefined
    // What a venue has put right is told with its new figures alone: the first ones may come yet, and count for nothing then.
    if (isNew && each.change?.type !== 'corrected')
      noteVenueWord(runtime, order, { ...said, type: 'filled', eventId, time, execution })
    if (each.change !== undefined) noteChange(runtime, order.header.orderId, said, execution, each.change)
  }
}

type Change = NonNullable<OrderExecution['change']>

/** Books what a venue has made of an execution since, unless the books hold it. */
function noteChange(
  runtime: KernelRuntime,
  orderId: string,
  said: Pick<OrderExecution, 'clientOrderId' | 'venueOrderId'>,
  execution: Execution,
  { type, eventId, time }: Change,
): void {
  const order = runtime.state.orders.get(orderId)
  if (order === undefined || noted(order.state.misfits, eventId) !== undefined) return
  const { tradeId } = execution
  if (type === 'busted') {
    if (noted(order.state.busted, tradeId) !== true)
      noteVenueWord(runtime, order, { ...said, type, eventId, time, tradeId })
    return
  }
  const known = noted(order.state.corrections ?? nothingNoted, tradeId)
  const isHeard = known !== undefined && (known.time > time || compareExecutions(known.execution, execution) === 0)
  if (!isHeard) noteVenueWord(runtime, order, { ...said, type, eventId, time, execution })
}

function nameOf({ execution, clientOrderId, time }: OrderExecution, alike: Map<string, number>): string {
  if (execution.tradeId !== '') return execution.tradeId
  const first = syntheticTradeId({ ...execution, clientOrderId, time })
  const ordinal = alike.get(first) ?? 0
  alike.set(first, ordinal + 1)
  return ordinal === 0 ? first : syntheticTradeId({ ...execution, clientOrderId, time, ordinal })
}

/** Whether the books hold all that the venue executed under the id in force, in what the order is counted in: of a revision that was sent anew, what came after it was sent. */
export function isComplete(order: OrderRecord, found: VenueOrder): boolean {
  const filled = filledMeasure(order.state)
  const current = revisionsInForce(order.state).current
  const sent = found.clientOrderId === requestInForce(order).clientOrderId ? current?.sentQuantity : undefined
  if (sent === undefined) return decimal(found.filledQuantity).lte(filled)
  const before = decimal(current?.terms?.quantity ?? sent).minus(decimal(sent))
  // What was taken back since had been executed before it was sent, or is no longer in what the venue shows.
  const executed = filled.plus(decimal(order.state.bustedQuantity ?? '0'))
  return decimal(found.filledQuantity).lte(executed.minus(before))
}
