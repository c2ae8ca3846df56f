import { leftOverTrip } from '../protection/turned-trip.js'
import { applyBooking, endTrip } from './apply-booking.js'
import { preparedCross, withoutCrossing } from './apply-cross.js'
import {
  bookWord,
  preparedAmendment,
  preparedAssessment,
  preparedOrderEvent,
  preparedWord,
} from './apply-order-record.js'
import { changeTrip, countSession, leaveAll, withoutQueued, withQueued } from './change-trip.js'
import { forgetSettled } from './forget-settled.js'
import { changing, type KernelEffect, nothing } from './kernel-effect.js'
import type { KernelRecord, OrderEventRecord } from './kernel-record.js'
import { dropApproval, type KernelState, preparePut, putApproval } from './kernel-state.js'
import { orderOf } from './order-of.js'
import { riskAfter } from './risk-after.js'

/** Changes the state by one record. Nothing else changes it, so that the journal alone rebuilds it. Throws when it cannot be applied. */
export function applyKernelRecord(state: KernelState, record: KernelRecord): KernelEffect {
  return prepareKernelRecord(state, record)()
}

/**
 * Works out what a record changes, and throws if that fails, before anything is changed; the function that it returns makes the change.
 * A booking alone is worked out and made at once, by the ledger, which takes an event whole or not at all.
 */
export function prepareKernelRecord(state: KernelState, record: KernelRecord): () => KernelEffect {
  // By itself, as it is done most often: what is to be kept for any of the others is not made then.
  const change = record.type === 'order-assessed' ? preparedAssessment(state, record) : preparedChange(state, record)
  return () => {
    const effect = change()
    state.activity.take(state, record, effect)
    return effect
  }
}

/** An execution whose word and booking are to be one record: its entry comes of the booking, and is journalled before the word is put in. */
export type PreparedExecution = {
  /** Books it, where its figures hold. Throws what the ledger throws, and has changed nothing then. */
  book(): KernelEffect
  /** Puts the word in. */
  put(): void
  /** Undoes the booking. */
  takeBack(): void
}

/** Works out what an execution changes. Throws where it cannot be applied. */
export function prepareExecution(state: KernelState, record: OrderEventRecord): PreparedExecution {
  const { fill, put } = preparedWord(state, record)
  let effect = nothing
  const { risk } = state
  const trip = fill === undefined ? undefined : state.trips.get(fill.symbol)
  const entitled = fill === undefined ? undefined : state.entitlements.get(fill.symbol)
  return {
    book() {
      effect = bookWord(state, record.orderId, fill)
      return effect
    },
    put() {
      put()
      state.activity.take(state, record, effect)
    },
    takeBack() {
      if (fill === undefined || effect.entry === undefined) return
      state.ledger.takeBack(fill)
      state.risk = risk
      if (entitled !== undefined) state.entitlements.set(fill.symbol, entitled)
      if (trip === undefined) state.trips.delete(fill.symbol)
      else state.trips.set(fill.symbol, trip)
    },
  }
}

function preparedChange(
  state: KernelState,
  record: Exclude<KernelRecord, { type: 'order-assessed' }>,
): () => KernelEffect {
  switch (record.type) {
    case 'account-opened':
      return () => {
        state.account = record.account
        state.openedAt = record.time
        state.risk = { ...state.risk, policy: record.policy }
        return nothing
      }
    case 'approval-requested':
      return changing(() => putApproval(state, record.approval))
    case 'approval-settled':
      return changing(() => dropApproval(state, record.token))
    case 'permit-renewed':
      return changing(
        preparePut(state, {
          ...orderOf(state, record.orderId),
          permit: record.permit,
          ...(record.reservation === undefined ? {} : { reservation: record.reservation }),
        }),
      )
    case 'order-parked':
      return changing(preparePut(state, { ...orderOf(state, record.orderId), parked: true }))
    case 'order-amended':
      return preparedAmendment(state, record)
    case 'order-event':
      return preparedOrderEvent(state, record)
    case 'external-event':
      return changing(() => state.external.add(record.event.eventId))
    case 'booked':
      return () => applyBooking(state, record)
    case 'stop-moved':
      return changing(() =>
        changeTrip(state, record.symbol, (trip) =>
          trip.plan === undefined ? trip : { ...trip, plan: { ...trip.plan, stopPrice: record.stopPrice } },
        ),
      )
    case 'trip-ended':
      return () => endTrip(state, record)
    case 'dust-due':
      return changing(() =>
        changeTrip(
          state,
          record.symbol,
          (trip) => leftOverTrip(trip, record.time, state.ledger.position(record.symbol)) ?? trip,
        ),
      )
    case 'exit-due':
      return changing(() => changeTrip(state, record.symbol, (trip) => ({ ...trip, due: record.purpose })))
    case 'cross-planned':
      return changing(preparePut(state, { ...orderOf(state, record.orderId), crossing: record.plan }))
    case 'cross-dropped':
      return changing(preparePut(state, withoutCrossing(orderOf(state, record.orderId))))
    case 'crossed':
      return changing(preparedCross(state, record))
    case 'exit-queued':
      return changing(() => changeTrip(state, record.symbol, (trip) => withQueued(state, trip, record.orderId)))
    case 'exit-unqueued':
      return changing(() => changeTrip(state, record.symbol, (trip) => withoutQueued(trip, record.orderId)))
    default: {
      const risk = riskAfter(state.risk, record)
      return changing(() => {
        if (record.type === 'session-started') forgetSettled(state, record, state.risk.sessionDate)
        state.risk = risk
        if (record.type === 'session-started') countSession(state)
        if (record.type === 'flattened') leaveAll(state, record.symbols)
      })
    }
  }
}
