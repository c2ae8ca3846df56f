import type { Instrument } from '../instruments/instrument.js'
import type { RoundTrip } from '../protection/round-trip.js'
import { heldUnits } from './coverage.js'
import { commit, type KernelRuntime } from './kernel-runtime.js'

/**
 * Ends the round trip of a position of which less than a lot is held, whatever its sign, as where a venue takes its fee in units, or a
 * correction has taken a little off: else the next entry would go on with the stop, and the age, of what nobody can leave. What has come to a
 * lot since is left as well: nothing else would cover it.
 */
export function keepDust(runtime: KernelRuntime, instrument: Instrument, trip: RoundTrip): void {
  const { state, clock, outbox } = runtime
  const { symbol } = instrument
  if (trip.status === 'closed') leaveDust(runtime, instrument)
  if (trip.status !== 'open' || state.index.openOrders.has(symbol)) return
  if (state.ledger.units(symbol).isZero() || !heldUnits(runtime, instrument).isZero()) return
  const time = clock.now()
  const { closed } = commit(runtime, { type: 'trip-ended', time, symbol })
  if (closed !== undefined) outbox.push({ type: 'position-closed', position: closed, time })
}

/** A position whose round trip has ended is dust, until a split makes a lot of it. */
function leaveDust(runtime: KernelRuntime, instrument: Instrument): void {
  const { symbol } = instrument
  if (heldUnits(runtime, instrument).isZero()) return
  commit(runtime, { type: 'dust-due', time: runtime.clock.now(), symbol })
}
