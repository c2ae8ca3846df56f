import type { Instrument } from '../instruments/instrument.js'
import { decimal, decimalText } from '../money/decimal.js'
import { type ExecutionPlan, maximumChildren } from '../orders/execution/execution-plan.js'
import { nextChildQuantity, type WorkInput } from '../orders/execution/next-child.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderRequest } from '../orders/order-request.js'
import { isOpen } from '../orders/order-state.js'
import { heldUnits } from './coverage.js'
import { largestExit, partsOf } from './exit-parts.js'
import { isQueueTaken } from './exit-queue.js'
import { commit, type KernelRuntime, openOrdersOf, tradingState } from './kernel-runtime.js'
import { requestCancel } from './order-desk.js'
import { protect } from './protection-desk.js'
import { permitPart } from './send-parts.js'
import { executedOf } from './worked-order.js'

/** What is due of an exit that is worked, and whether all that its last part has executed is in the books. */
export type ExitWork = { readonly input: WorkInput; readonly allKnown: () => Promise<boolean> }

/** Why an exit cannot be worked as it is asked for: its parts are market orders, since what rests would hold units that the stop needs. */
export function workedExitFault(
  plan: ExecutionPlan,
  { type }: OrderRequest,
): { readonly field: string; readonly message: string } | undefined {
  if (plan.style !== 'twap' && plan.style !== 'participation')
    return {
      field: 'execution.style',
      message: `an exit is worked by twap or participation, not ${plan.style}; without an execution it is sent at once`,
    }
  if (type !== 'market')
    return {
      field: 'type',
      message: 'an exit that is worked is a market order; levels to leave at come with the exit plan',
    }
  return plan.urgency === undefined
    ? undefined
    : { field: 'execution.urgency', message: 'the parts of an exit are market orders; leave it out' }
}

/**
 * Does what is due of an exit that is worked: each part waits in the queue of exits until stop and target have made room for it and for no
 * more. It is withdrawn, and the stop has all of the rest again, when the position is left otherwise, is to be left at once, or trading is
 * halted.
 */
export async function workExit(
  runtime: KernelRuntime,
  parent: OrderRecord,
  instrument: Instrument,
  { input, allKnown }: ExitWork,
): Promise<void> {
  const { orderId, request, execution } = parent.header
  const reason = overtakenBy(runtime, parent, instrument)
  if (reason !== undefined) return requestCancel(runtime, orderId, reason)
  if (runtime.state.index.openChildren.has(orderId)) return
  if (execution !== undefined && input.children >= maximumChildren(execution))
    return requestCancel(runtime, orderId, `its ${input.children} children are used up`)
  const trip = runtime.state.trips.get(request.symbol)
  if (runtime.calendar.openSession(input.now) === undefined || (trip !== undefined && isQueueTaken(runtime, trip)))
    return
  if (nextChildQuantity(input) === undefined || !(await allKnown())) return
  // What the venue told meanwhile counts.
  const known = runtime.state.orders.get(orderId)
  if (known === undefined || !isOpen(known.state.status) || runtime.state.index.openChildren.has(orderId)) return
  const progress = { filledQuantity: decimalText(executedOf(known)), outstandingQuantity: '0' }
  const due = nextChildQuantity({ ...input, progress })
  if (due !== undefined) await queuePart(runtime, known, instrument, due)
}

async function queuePart(
  runtime: KernelRuntime,
  parent: OrderRecord,
  instrument: Instrument,
  due: string,
): Promise<void> {
  const { request, execution } = parent.header
  const { symbol } = request
  const held = heldUnits(runtime, instrument)
  const wanted = held.lt(decimal(due)) ? held : decimal(due)
  const [quantity = wanted] = partsOf(wanted, largestExit(runtime, instrument), instrument.lotSize)
  const timeInForce = execution?.style === 'parts' ? request.timeInForce : 'day'
  const part = permitPart(runtime, parent, decimalText(quantity), timeInForce)
  if (part === undefined) return
  commit(runtime, { orderId: part, symbol, time: runtime.clock.now(), type: 'exit-queued' })
  await protect(runtime, symbol)
}

/** What has overtaken an exit that is worked; undefined while it goes on. */
function overtakenBy(runtime: KernelRuntime, { header }: OrderRecord, instrument: Instrument): string | undefined {
  const { symbol, side } = header.request
  const trip = runtime.state.trips.get(symbol)
  const isOther = trip === undefined || trip.openedAt > header.createdAt || (trip.side === 'long') !== (side === 'sell')
  if (isOther || trip.status !== 'open' || heldUnits(runtime, instrument).isZero()) return 'its position was left'
  const isGoing = openOrdersOf(runtime, symbol).some((order) => order.header.purpose === 'exit-time')
  if (isGoing || trip.timeExitDue || trip.due !== undefined || trip.leaving === true)
    return 'its position is to be left at once'
  // What is sent in parts because the venue takes no more at once is an exit as any other, which a halt lets pass.
  if (header.execution?.style === 'parts') return undefined
  return tradingState(runtime, header).state === 'halted' ? 'trading is halted' : undefined
}
