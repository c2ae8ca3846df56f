import type { Storage } from '@tradeswarm/core'
import { reduceOrder } from '@tradeswarm/trading'
import { type AssessedOrder, type OrderHappening, readRecords } from './run-records.js'

/** One order as a row of texts. */
export type OrderRow = {
  readonly orderId: string
  readonly time: string
  readonly symbol: string
  readonly side: string
  readonly purpose: string
  readonly type: string
  readonly quantity: string
  readonly price: string
  readonly status: string
  readonly intentId: string
}

/** Every order that was asked for, denied ones included, in order of virtual time. */
export async function listOrders(storage: Storage): Promise<readonly OrderRow[]> {
  const orders = new Map<string, { readonly order: AssessedOrder; readonly happenings: OrderHappening[] }>()
  for await (const record of readRecords(storage, ['risk', 'order', 'ledger'])) {
    if (record.kind === 'assessed') orders.set(record.order.header.orderId, { order: record.order, happenings: [] })
    if (record.kind === 'happened') orders.get(record.happening.orderId)?.happenings.push(record.happening)
  }
  return [...orders.values()].map(({ order, happenings }) => {
    const { request, orderId, purpose, intentId } = order.header
    return {
      orderId,
      time: new Date(order.time).toISOString(),
      symbol: request.symbol,
      side: request.side,
      purpose,
      type: request.type,
      quantity: request.quantity,
      price: request.limitPrice ?? request.stopPrice ?? '',
      status: statusOf(order, happenings),
      intentId,
    }
  })
}

/** The kernel's own word for it, by the same table that the kernel uses. */
function statusOf({ header, verdict }: AssessedOrder, happenings: readonly OrderHappening[]): string {
  if (verdict.permit === undefined) return `denied (${verdict.findings.map((finding) => finding.code).join(', ')})`
  const { status, filledQuantity } = reduceOrder(
    header.request.quantity,
    happenings.map(({ event }) => event),
  )
  const isPart = status !== 'filled' && status !== 'partially-filled' && filledQuantity !== '0'
  return isPart ? `${status} after ${filledQuantity}` : status
}
