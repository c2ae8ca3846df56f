import type { KernelRecord } from './kernel-record.js'
import type { KernelState } from './kernel-state.js'

/** The id under which a record is journalled: unique in the account, and the same when the same thing happens again after a restart. */
export function recordId(state: KernelState, record: KernelRecord): string {
  const account = record.type === 'account-opened' ? record.account : state.account
  return `${account}:${localId(state, record)}`
}

function localId(state: KernelState, record: KernelRecord): string {
  switch (record.type) {
    case 'account-opened':
      return 'opened'
    case 'order-assessed':
      return `${record.header.orderId}:assessed`
    case 'approval-requested':
      return `${record.approval.token}:requested`
    case 'approval-settled':
      return `${record.token}:${record.outcome}`
    case 'permit-renewed':
      return `${record.orderId}:${record.permit.permitId}`
    case 'order-parked':
      return `${record.orderId}:parked`
    case 'order-amended':
      return `${record.orderId}:amended:${record.event.revision}`
    case 'order-event':
      return `${record.orderId}:${record.event.type}:${record.event.eventId}`
    case 'external-event':
      return `external:${record.event.type}:${record.event.eventId}`
    case 'booked':
      return `ledger:${record.event.type}:${record.event.eventId}`
    case 'session-started':
    case 'session-closed':
    case 'baseline-taken':
      return `${record.type}:${record.sessionDate}`
    case 'peak-reached':
      return `${record.type}:${record.time}:${record.equity}`
    case 'halted':
    case 'resumed':
    case 'flattened':
      return `trading-state:${state.risk.haltEpoch + 1}`
    case 'policy-changed':
      return `policy:${state.risk.policyVersion + 1}`
    case 'stop-moved':
      return `stop-moved:${state.trips.get(record.symbol)?.positionId ?? record.symbol}:${record.stopPrice}`
    case 'trip-ended':
    case 'dust-due':
      return `${record.type}:${state.trips.get(record.symbol)?.positionId ?? record.symbol}:${record.time}`
    case 'exit-due':
      return `${record.purpose}-due:${state.trips.get(record.symbol)?.positionId ?? record.symbol}:${record.time}`
    case 'crossed':
      return `ledger:internal-cross:${record.cross.crossId}`
    case 'cross-planned':
      return `${record.orderId}:cross-planned:${record.plan.orderId}:${record.plan.plannedAt}`
    case 'cross-dropped':
      return `${record.orderId}:cross-dropped:${record.time}`
    case 'exit-queued':
    case 'exit-unqueued':
      return `${record.orderId}:${record.type}`
  }
}
