import type { InternalCross } from '@tradeswarm/trading'
import type { FoldedOrder } from './folded-order.js'
import type { JournalFold } from './journal-fold.js'

/** What a cross makes of the orders of both sides: one that was not sent is filled or made smaller, of one at the venue another has it. */
export function foldCross(fold: JournalFold, cross: InternalCross, time: number): void {
  const key = `cross ${cross.crossId}`
  if (fold.crosses.has(cross.crossId)) fold.bookedTwice.push(key)
  fold.crosses.add(cross.crossId)
  for (const { orderId, crossedOrderId, left } of [cross.buy, cross.sell]) {
    const order = fold.orders.get(orderId)
    if (order === undefined) continue
    if (crossedOrderId === orderId) {
      execute(order, cross, time)
      continue
    }
    const { reservation: _, ...from } = order
    const header = {
      ...order.header,
      orderId: crossedOrderId,
      request: { ...order.header.request, quantity: cross.quantity },
    }
    const first = { ...order.first, words: new Set<string>() }
    const crossed: FoldedOrder = {
      ...from,
      header,
      permit: undefined,
      reservation: undefined,
      first,
      amendments: new Map(),
      executions: new Map(),
      busted: new Set(),
      status: undefined,
    }
    execute(crossed, cross, time)
    fold.orders.set(crossedOrderId, crossed)
    if (left === undefined) continue
    const smaller = { ...order, header: { ...order.header, request: { ...order.header.request, quantity: left } } }
    smaller.status = undefined
    fold.orders.set(orderId, smaller)
    fold.byClientOrderId.set(order.header.request.clientOrderId, smaller)
  }
}

function execute(order: FoldedOrder, { crossId, price, quantity }: InternalCross, time: number): void {
  const figures = { price, quantity, fee: '0', feeCurrency: '', referencePrice: price, referenceTime: time }
  order.executions.set(crossId, { tradeId: crossId, ...figures, liquidity: 'taker' })
  order.status = undefined
}
