import type { Instrument } from '../instruments/instrument.js'
import { decimal, decimalText } from '../money/decimal.js'
import type { PartsPlan } from '../orders/execution/execution-plan.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderIntent } from '../orders/order-request.js'
import { isOpen } from '../orders/order-state.js'
import { countOfParts, largestExit, partsOf } from './exit-parts.js'
import { commit, type KernelRuntime, tellOrder } from './kernel-runtime.js'
import { noteOrderEvent, sendOrder } from './order-desk.js'
import { childHeader } from './worked-order.js'

/** How an exit at the market is sent that is more than its venue takes as one order; undefined where it is not, or is worked or tied already. */
export function partsPlan(
  runtime: KernelRuntime,
  { type, quantity, sizedIn, execution, contingency }: OrderIntent,
  instrument: Instrument | undefined,
): PartsPlan | undefined {
  if (type !== 'market' || sizedIn !== undefined || execution !== undefined || contingency !== undefined)
    return undefined
  if (instrument === undefined) return undefined
  const parts = countOfParts(decimal(quantity), largestExit(runtime, instrument))
  return parts === 1 ? undefined : { style: 'parts', parts }
}

/**
 * Permits a part of an exit that was assessed as a whole, of `quantity` at the market, and has it in the books; its id. Undefined where something
 * speaks against sending it now.
 */
export function permitPart(
  runtime: KernelRuntime,
  parent: OrderRecord,
  quantity: string,
  timeInForce = parent.header.request.timeInForce,
): string | undefined {
  const { symbol, side, expiresAt } = parent.header.request
  const time = runtime.clock.now()
  const end = timeInForce === 'gtd' && expiresAt !== undefined ? { expiresAt } : {}
  const child = childHeader(time, parent, { symbol, side, quantity, type: 'market', timeInForce, ...end })
  const [finding] = runtime.authority.childFaults(child)
  if (finding !== undefined) {
    runtime.logger.debug('a part of an exit waits', { orderId: parent.header.orderId, code: finding.code })
    return undefined
  }
  const permit = runtime.authority.renewed({ ...parent, header: child })
  commit(runtime, { type: 'order-assessed', time, header: child, verdict: { permit, findings: [], warnings: [] } })
  tellOrder(runtime, child.orderId)
  return child.orderId
}

/**
 * Sends an exit for which there is room in orders that its venue takes, one after the other. Each is in the journal before it leaves; what
 * does not get as far, as after a crash, is worked as the rest of an exit that is worked.
 */
export async function sendParts(runtime: KernelRuntime, parent: OrderRecord, instrument: Instrument): Promise<void> {
  const { orderId, request } = parent.header
  noteOrderEvent(runtime, orderId, { type: 'submitted', eventId: 'submitted' })
  const most = largestExit(runtime, instrument)
  for (const quantity of partsOf(decimal(request.quantity), most, instrument.lotSize)) {
    const known = runtime.state.orders.get(orderId)
    if (known === undefined || !isOpen(known.state.status)) return
    const part = permitPart(runtime, known, decimalText(quantity))
    if (part === undefined || (await sendOrder(runtime, part)).length > 0) return
  }
}
