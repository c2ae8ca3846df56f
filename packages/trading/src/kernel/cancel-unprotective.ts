import type { OrderRecord } from '../orders/order-record.js'
import { exitKind } from '../protection/exit-kind.js'
import { contain } from './contain.js'
import { type KernelRuntime, openOrdersOf } from './kernel-runtime.js'
import { requestCancel } from './order-desk.js'

/** Cancels what rests in a symbol, or in all, belongs there, and protects nothing: entries, and exits at a price of an agent's own. Market exits go on. */
export async function cancelUnprotective(
  runtime: KernelRuntime,
  symbol: string | undefined,
  reason: string,
  belongs: (order: OrderRecord) => boolean = () => true,
): Promise<void> {
  const symbols = symbol === undefined ? runtime.state.index.openOrders.symbols() : [symbol]
  for (const each of symbols) {
    for (const order of openOrdersOf(runtime, each)) {
      const { header } = order
      if ((!header.request.reduceOnly || exitKind(header) === 'resting') && belongs(order))
        await contain(runtime, `cancelling order ${header.orderId}`, each, () =>
          requestCancel(runtime, header.orderId, reason),
        )
    }
  }
}
