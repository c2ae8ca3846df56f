import type { BrokerEvent } from './broker.js'
import { noted, nothingNoted } from './noted.js'
import type { OrderState } from './order-state.js'

/** Whether the figures of an event are those that hold of an execution from now on; `state` is the one after it. */
export function isInForce(
  state: OrderState,
  event: BrokerEvent,
): event is Extract<BrokerEvent, { type: 'filled' | 'corrected' }> {
  if (event.type !== 'filled' && event.type !== 'corrected') return false
  const { tradeId } = event.execution
  if (noted(state.misfits, event.eventId) !== undefined) return false
  const correction = noted(state.corrections ?? nothingNoted, tradeId)
  if (event.type === 'filled') return correction === undefined
  return (
    noted(state.busted, tradeId) !== true && correction?.time === event.time && correction.execution === event.execution
  )
}
