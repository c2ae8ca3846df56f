import type { KernelRecord } from '@tradeswarm/trading'
import type { Observation } from './observation.js'

/** What a reader of a trace wants to know of an observation. */
export function tellObservation(observation: Observation): readonly string[] {
  switch (observation.type) {
    case 'life begun':
      return [`life ${observation.life.number} begins with ${observation.history.length} durable entries`]
    case 'life started':
      return [`life ${observation.life.number} has started`]
    case 'appended': {
      const record = observation.entry.payload as KernelRecord
      const what = record.type === 'order-event' ? `${record.orderId} ${wordOf(record)}` : record.type
      return [`life ${observation.life.number} appends ${what}${detailOf(record)}`]
    }
    case 'durable':
      return [`${observation.entries.length} entries are durable`]
    case 'sent': {
      const { side, quantity, symbol, type, clientOrderId, reduceOnly } = observation.request
      return [
        `sent: ${side} ${quantity} ${symbol} ${type}${reduceOnly ? ' reduce-only' : ''} as ${short(clientOrderId)}`,
      ]
    }
    case 'cancel sent':
      return [`sent: cancel ${short(observation.clientOrderId)}`]
    case 'venue order':
      return [`the venue takes ${short(observation.order.request.clientOrderId)}`]
    case 'venue fill':
      return [`the venue executes ${observation.fill.tradeId} of ${short(observation.order.request.clientOrderId)}`]
    case 'told':
      return observation.event.type === 'alert'
        ? [`alert ${observation.event.code}: ${observation.event.message}`]
        : observation.event.type === 'trading-state'
          ? [`trading is ${observation.event.state}`]
          : []
    case 'call begun':
      return [`operator: ${observation.call.name}`]
    case 'call done':
      return [`answered: ${observation.call.name}${observation.failed ? ' failed' : ''}`]
    default:
      return []
  }
}

function wordOf({ event }: Extract<KernelRecord, { type: 'order-event' }>): string {
  if (event.type === 'filled')
    return `filled ${event.execution.quantity} at ${event.execution.price} (${event.execution.tradeId})`
  return event.type === 'busted' ? `busted ${event.tradeId}` : event.type
}

function detailOf(record: KernelRecord): string {
  if (record.type === 'order-event') return record.entry === undefined ? '' : ' and books it'
  if (record.type === 'booked') return ` ${record.event.type}`
  if (record.type === 'halted') return ` ${record.cause} ${record.state}`
  if (record.type === 'order-amended') {
    const { by, how, quantity, limitPrice, stopPrice } = record.event
    return ` ${record.orderId} to ${quantity} at ${limitPrice ?? stopPrice ?? 'market'} as ${short(by)} (${how})`
  }
  if (record.type !== 'order-assessed') return ''
  const { header, verdict } = record
  const { request } = header
  const terms = `${request.side} ${request.quantity} ${request.symbol} ${request.type} ${request.timeInForce}`
  return ` ${header.orderId} ${header.purpose} ${terms} as ${short(request.clientOrderId)}: ${verdict.permit === undefined ? `denied ${verdict.findings.map(({ code }) => code).join(', ')}` : 'permitted'}`
}

function short(clientOrderId: string): string {
  return clientOrderId.slice(0, 8)
}
