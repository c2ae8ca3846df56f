import type { Instrument } from '../instruments/instrument.js'
import { type Decimal, decimalText } from '../money/decimal.js'
import { clientOrderId } from '../orders/client-order-id.js'
import type { OrderHeader } from '../orders/order-record.js'
import type { OrderRequest } from '../orders/order-request.js'
import type { RoundTrip } from '../protection/round-trip.js'
import { cancelUnprotective } from './cancel-unprotective.js'
import { levelsOf } from './coverage.js'
import { largestExit, partsOf } from './exit-parts.js'
import type { OrderPurpose } from './kernel.js'
import { alert, type KernelRuntime, tellOrder } from './kernel-runtime.js'
import { sendOrder } from './order-desk.js'
import { makeWay, ordersInTheWay } from './self-trade.js'
import { settledAs } from './settled-as.js'

/** After so many refusals in a session a target is not sent again before the next one, and a stop after a pause only. */
export const maximumRefusals = 5

/** What an exit is for, and whether it leaves at the next price or rests at the level of its plan. */
type ExitWish = { readonly purpose: OrderPurpose; readonly how: 'at once' | 'at its level' }

/** Sends an exit of the kernel's own, in as many orders as its venue takes. After one that could not be sent no other is tried. */
export function placeExits(
  runtime: KernelRuntime,
  trip: RoundTrip,
  instrument: Instrument,
  wish: ExitWish,
  quantity: Decimal,
): Promise<boolean> {
  const parts = partsOf(quantity, largestExitOf(runtime, trip, instrument, wish), instrument.lotSize)
  return parts.length === 1
    ? placeExit(runtime, trip, instrument, wish, quantity)
    : placeEach(runtime, trip, instrument, wish, parts)
}

async function placeEach(
  runtime: KernelRuntime,
  trip: RoundTrip,
  instrument: Instrument,
  wish: ExitWish,
  parts: readonly Decimal[],
): Promise<boolean> {
  for (const part of parts) if (!(await placeExit(runtime, trip, instrument, wish, part))) return false
  return true
}

/** A pair is judged by the higher of its prices. */
function largestExitOf(
  runtime: KernelRuntime,
  trip: RoundTrip,
  instrument: Instrument,
  { purpose, how }: ExitWish,
): Decimal | undefined {
  const levels = how === 'at once' ? undefined : levelsOf(trip, instrument)
  const byStop = purpose === 'exit-stop' || (purpose === 'exit-pair' && trip.side === 'short')
  return largestExit(runtime, instrument, byStop ? levels?.stop : levels?.target)
}

/** Whether it was sent. */
async function placeExit(
  runtime: KernelRuntime,
  trip: RoundTrip,
  instrument: Instrument,
  wish: ExitWish,
  quantity: Decimal,
): Promise<boolean> {
  const { purpose, how } = wish
  if (purpose === 'exit-time') await cancelUnprotective(runtime, trip.symbol, 'the position is to be left')
  // An entry to the other side may hold the units at a venue that counts whatever would sell them.
  else if (trip.refusals >= maximumRefusals)
    await cancelUnprotective(
      runtime,
      trip.symbol,
      'the venue refuses the exits of what is held, and it may hold the units',
    )
  const header = exitHeader(runtime, trip, instrument, wish, quantity)
  if (header === undefined) return false
  if (purpose === 'exit-time') runtime.timeExitAt.set(trip.symbol, header.createdAt)
  if (purpose === 'exit-stop' || purpose === 'exit-pair') runtime.stopPlacedAt.set(trip.symbol, header.createdAt)
  // Of a position that has turned, exits of before may be in the way too.
  if (how === 'at once' && ordersInTheWay(runtime, header).length > 0) await makeWay(runtime, header)
  const { findings } = runtime.authority.assess(header)
  tellOrder(runtime, header.orderId)
  const failed = findings.length > 0 ? findings : await sendOrder(runtime, header.orderId)
  const [finding] = failed
  if (finding !== undefined)
    alert(
      runtime,
      'PROTECTION_REFUSED',
      `${purpose} of ${trip.symbol}: ${finding.code}: ${finding.message}`,
      trip.symbol,
    )
  return finding === undefined
}

/** The exit is made under the mandate of the entry: it carries the entry's intent and chain. */
function exitHeader(
  runtime: KernelRuntime,
  trip: RoundTrip,
  instrument: Instrument,
  wish: ExitWish,
  quantity: Decimal,
): OrderHeader | undefined {
  const terms = exitTerms(trip, instrument, wish)
  if (terms === undefined) return undefined
  const orderId = runtime.ids.next('order')
  const { account } = runtime.state
  const { symbol, intentId, agent, strategy, asset, correlationId, causationId } = trip
  const request: OrderRequest = {
    account,
    clientOrderId: clientOrderId({ orderId, account, attempt: 1, revision: 0 }),
    symbol,
    side: trip.side === 'long' ? 'sell' : 'buy',
    quantity: decimalText(quantity),
    reduceOnly: true,
    ...terms,
  }
  return settledAs(runtime, instrument, {
    orderId,
    intentId,
    purpose: wish.purpose,
    request,
    agent,
    strategy,
    asset,
    createdAt: runtime.clock.now(),
    correlationId,
    causationId,
  })
}

type ExitTerms = Pick<OrderRequest, 'type' | 'timeInForce' | 'limitPrice' | 'stopPrice'>

function exitTerms(trip: RoundTrip, instrument: Instrument, { purpose, how }: ExitWish): ExitTerms | undefined {
  if (how === 'at once') return { type: 'market', timeInForce: 'day' }
  const levels = levelsOf(trip, instrument)
  if (levels === undefined) return undefined
  const { stop: stopPrice, target: limitPrice } = levels
  if (purpose === 'exit-pair') return { type: 'oco', timeInForce: 'gtc', limitPrice, stopPrice }
  return purpose === 'exit-stop'
    ? { type: 'stop', timeInForce: 'gtc', stopPrice }
    : { type: 'limit', timeInForce: 'gtc', limitPrice }
}
