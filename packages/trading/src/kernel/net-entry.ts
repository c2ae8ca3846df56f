import { decimal } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import { bookCross } from './book-cross.js'
import { crossPrice } from './cross-terms.js'
import type { RiskFinding, SubmitResult } from './kernel.js'
import type { KernelRuntime } from './kernel-runtime.js'
import { inTheWay, waitingExit } from './netting-desk.js'
import { denyOrder, freshPermit } from './order-desk.js'
import { protect } from './protection-desk.js'
import { ordersInTheWay } from './self-trade.js'

/**
 * Crosses an entry that is about to be sent with the exit of another principal that waits. Undefined where the entry, or what is left of it,
 * is to be sent; else what became of it. Whatever it could trade with at the venue denies it, as without netting.
 */
export async function netEntry(runtime: KernelRuntime, orderId: string): Promise<SubmitResult | undefined> {
  const entry = runtime.state.orders.get(orderId)
  if (entry === undefined) return undefined
  const { symbol, quantity } = entry.header.request
  const exit = waitingExit(runtime, symbol)
  const price = exit === undefined ? undefined : crossPrice(runtime, exit.header, entry.header)
  if (exit !== undefined && price !== undefined) {
    const wanted = decimal(exit.header.request.quantity)
    const crossed = wanted.lt(decimal(quantity)) ? wanted : decimal(quantity)
    await bookCross(runtime, { exit, entry, quantity: crossed, price })
    await protect(runtime, symbol)
  }
  const now = runtime.state.orders.get(orderId)
  if (now === undefined || now.state.status === 'filled') return { status: 'submitted', orderId }
  const findings = faultsOf(runtime, now, now.header.request.quantity !== quantity)
  if (findings.length > 0) {
    denyOrder(runtime, orderId, findings)
    return { status: 'refused', findings }
  }
  if (now.header.request.quantity !== quantity) freshPermit(runtime, now, now.header.request)
  return undefined
}

/** What keeps an order from being sent: what it could trade with, and of one that was made smaller what speaks against the rest. */
function faultsOf(runtime: KernelRuntime, { header }: OrderRecord, isRest: boolean): readonly RiskFinding[] {
  const [blocking] = ordersInTheWay(runtime, header)
  if (blocking !== undefined) return [inTheWay(blocking)]
  return isRest ? runtime.authority.childFaults(header) : []
}
