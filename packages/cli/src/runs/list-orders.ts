import type { Storage } from '@tradeswarm/core'
import { type AssessedOrder, type OrderHappening, readRecords } from './run-records.js'

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

const endings: ReadonlySet<string> = new Set(['canceled', 'rejected', 'expired', 'lapsed', 'submission-failed'])

/** Every order that was asked for, denied ones included, in order of virtual time. */
export async function listOrders(storage: Storage): Promise<readonly OrderRow[]> {
  const orders = new Map<string, { readonly order: AssessedOrder; readonly happenings: OrderHappening[] }>()
  for await (const record of readRecords(storage, ['risk', 'order'])) {
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

function statusOf(order: AssessedOrder, happenings: readonly OrderHappening[]): string {
  if (order.verdict.permit === undefined) return `denied (${order.verdict.findings.map((finding) => finding.code).join(', ')})`
  const fills = happenings.filter(({ event }) => event.type === 'filled').length
  const last = happenings.at(-1)?.event.type ?? 'permitted'
  if (endings.has(last)) return fills > 0 ? `${last} after ${fills} fill${fills === 1 ? '' : 's'}` : last
  return last
}
