import type { Instrument } from '../instruments/instrument.js'
import type { QuoteEvent } from '../market/market-event.js'
import { type Decimal, decimal, decimalText, zero } from '../money/decimal.js'
import { followedStop, isLeaptOver, reachedExit } from '../protection/followed-stop.js'
import type { RoundTrip } from '../protection/round-trip.js'
import { hasIdleExit } from './auction-exit.js'
import { heldByVenue, heldUnits, pairsHoldTarget } from './coverage.js'
import { alert, commit, type KernelRuntime } from './kernel-runtime.js'

/** While a trade is no older than this, exits follow trades alone: a wide quote in a market that trades sets nothing off. */
const tradesSpeakForMs = 60_000

/**
 * Takes note of what a new price of a held symbol calls for: a stop that trails or breaks even is moved, and a level that the venue cannot
 * hold was reached. What follows from that at the venue is the business of `protect`. True where something did.
 */
export function followPrice(runtime: KernelRuntime, symbol: string, price: Decimal | undefined): boolean {
  const { broker, state, clock } = runtime
  const trip = state.trips.get(symbol)
  const instrument = broker?.instrument(symbol)
  if (trip?.status !== 'open' || trip.plan === undefined || price === undefined) return false
  if (broker === undefined || instrument === undefined) return false
  const time = clock.now()
  const stopPrice = followedStop(trip, price, instrument.tickSize)
  if (stopPrice !== undefined) commit(runtime, { type: 'stop-moved', time, symbol, stopPrice })
  const held = heldByVenue(broker)
  const { targets } = held
  // For what waits at the venue for an auction the stop had to make room.
  const stops = held.stops && !hasIdleExit(runtime, symbol)
  const now = state.trips.get(symbol) ?? trip
  const isLeapt = stops && isLeaptOver(now, price, stopLimitOffset(now, instrument))
  if ((stops && targets && !isLeapt) || trip.due !== undefined || heldUnits(runtime, instrument).eq(zero))
    return stopPrice !== undefined
  const reached = isLeapt ? 'exit-stop' : reachedExit(now, price, { stop: !stops, target: !targets })
  // A pair at the venue is there before the kernel, and is left to do what it is for.
  const purpose = reached === 'exit-target' && pairsHoldTarget(runtime, now, instrument) ? undefined : reached
  if (purpose !== undefined) commit(runtime, { type: 'exit-due', time, symbol, purpose })
  if (isLeapt) tellLeap(runtime, now, price)
  return stopPrice !== undefined || purpose !== undefined
}

/** How far beyond its level the venue carries a stop of a position out; undefined where at any price. */
function stopLimitOffset({ side }: RoundTrip, { stopLimitOffset: offset }: Instrument): string | undefined {
  return side === 'long' ? offset?.sell : offset?.buy
}

function tellLeap(runtime: KernelRuntime, { symbol, plan }: RoundTrip, price: Decimal): void {
  alert(
    runtime,
    'STOP_LEAPT_OVER',
    `the price of ${symbol}, ${decimalText(price)}, has leapt over its stop at ${plan?.stopPrice}, which is a stop-limit at the venue and may rest; it is withdrawn, and the position left at the market`,
    symbol,
  )
}

/**
 * As {@link followPrice}, by a quote: at the price at which the position could be left, the bid of a long and the ask of a short. Only in a
 * session, where no trade came for a minute, and by a quote with two sides that do not cross.
 */
export function followQuote(runtime: KernelRuntime, { symbol, bid, ask, time }: QuoteEvent): boolean {
  const trip = runtime.state.trips.get(symbol)
  if (trip?.status !== 'open') return false
  const tradedAt = runtime.market.tradedAt(symbol)
  if (tradedAt !== undefined && time - tradedAt <= tradesSpeakForMs) return false
  if (runtime.calendar.openSession(time) === undefined) return false
  const [low, high] = [decimal(bid), decimal(ask)]
  if (!low.gt(zero) || low.gt(high)) return false
  return followPrice(runtime, symbol, trip.side === 'long' ? low : high)
}
