import { zero } from '../money/decimal.js'
import { followedStop, reachedExit } from '../protection/followed-stop.js'
import { heldByVenue, heldUnits } from './coverage.js'
import { commit, type KernelRuntime } from './kernel-runtime.js'

/**
 * Takes note of what a new price of a held symbol calls for: a stop that trails or breaks even is moved, and a level that the venue cannot
 * hold was reached. What follows from that at the venue is the business of `protect`.
 */
export function followPrice(runtime: KernelRuntime, symbol: string): void {
  const { broker, market, state, clock } = runtime
  const trip = state.trips.get(symbol)
  const last = market.last(symbol)
  const instrument = broker?.instrument(symbol)
  if (trip?.status !== 'open' || trip.plan === undefined || last === undefined) return
  if (broker === undefined || instrument === undefined) return
  const time = clock.now()
  const stopPrice = followedStop(trip, last.price, instrument.tickSize)
  if (stopPrice !== undefined) commit(runtime, { type: 'stop-moved', time, symbol, stopPrice })
  const { stops, targets } = heldByVenue(broker)
  if ((stops && targets) || trip.due !== undefined || heldUnits(runtime, instrument).eq(zero)) return
  const purpose = reachedExit(state.trips.get(symbol) ?? trip, last.price, { stop: !stops, target: !targets })
  if (purpose !== undefined) commit(runtime, { type: 'exit-due', time, symbol, purpose })
}
