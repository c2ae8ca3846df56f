import type { CarryEvent, CashMovementEvent } from '../ledger/ledger-event.js'
import type { VenueMovement } from '../orders/broker.js'
import { brokerOf, commit, type KernelRuntime } from './kernel-runtime.js'
import { checkLosses } from './loss-desk.js'

/** Books money that the venue has moved, once however often it is told. Throws what the ledger throws of an event that it does not take. */
export function takeVenueMovement(runtime: KernelRuntime, movement: VenueMovement): void {
  const { entry } = commit(runtime, { type: 'booked', time: runtime.clock.now(), event: eventOf(runtime, movement) })
  if (entry !== undefined) checkLosses(runtime)
}

/** Books what the venue moved since an instant of our clock and did not tell as it happened. Throws what the venue throws. */
export async function bookMovementsSince(runtime: KernelRuntime, since: number): Promise<void> {
  for (const movement of (await brokerOf(runtime).movements?.(since)) ?? []) takeVenueMovement(runtime, movement)
}

/** Under an id that no other booking has: a person may have booked something under the venue's own. */
function eventOf({ state }: KernelRuntime, movement: VenueMovement): CashMovementEvent | CarryEvent {
  const { time, amount, currency } = movement
  const booked = {
    eventId: `venue-${movement.type}-${movement.eventId}`,
    time,
    amount,
    ...(currency === state.currency ? {} : { currency }),
  }
  return 'symbol' in movement
    ? { ...booked, type: movement.type, symbol: movement.symbol }
    : { ...booked, type: movement.type }
}
