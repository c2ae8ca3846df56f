import type { LedgerEvent } from '../ledger/ledger-event.js'
import type { Execution } from '../orders/broker.js'
import { toldExecution } from '../orders/execution-book.js'
import type { OrderState } from '../orders/order-state.js'

/** The figures that a fill brings, or that a bust takes back: those of a correction lie under an id of their own. */
export function bookedExecution(
  state: OrderState,
  event: Extract<LedgerEvent, { type: 'fill' | 'bust' }>,
): Pick<Execution, 'tradeId' | 'price' | 'quantity'> | undefined {
  if (event.type === 'fill') return event
  const told = toldExecution(state, event.tradeId)
  if (told !== undefined) return told
  const [tradeId = '', time] = event.tradeId.split(/@(?=[^@]*$)/)
  const correction = state.corrections?.[tradeId]
  return correction?.time === Number(time) ? { ...correction.execution, tradeId: event.tradeId } : undefined
}
