import { messageOf } from '@tradeswarm/core'
import { type Decimal, decimal } from '../money/decimal.js'
import type { BrokerEvent, VenueOrder } from '../orders/broker.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { OrderRequest, Side } from '../orders/order-request.js'
import { isOpen, sendingOf } from '../orders/order-state.js'
import { amendedRequest, pendingAmendment, requestInForce, sendingInForce } from '../orders/request-in-force.js'
import { exitKind } from '../protection/exit-kind.js'
import type { PlannedLevels } from '../protection/planned-levels.js'
import { carryOnAmendment } from './amend-desk.js'
import { exceedsHeld, levelsOf } from './coverage.js'
import { hasPassed } from './has-passed.js'
import { alert, brokerOf, commit, type KernelRuntime, openOrdersOf } from './kernel-runtime.js'
import { bookMissing, executionsSince } from './missing-executions.js'
import { cancelInForce, noteOrderEvent, repeatCancel, transmit } from './order-desk.js'
import { protect } from './protection-desk.js'
import { noteVenueWord } from './venue-word.js'

/** The venue is asked about an order of unknown fate so soon again, and after each answer that settles nothing twice as late… */
const firstLookUpMs = 1_000
/** …up to this, */
const lastLookUpMs = 60_000
/** and of an exit up to this: what it is for may have no other. */
const lastExitLookUpMs = 10_000
/** An entry is not sent again once it is so old: what it was decided on has passed. */
const resendEntriesForMs = 60_000
/** No entry is sent again more often, whatever the venue says. An exit is, until its fate is known: a position must not be without for good. */
const maximumResends = 3

/** A request of a venue that tells no lifetime of them may be held up on its way for so long; clocks that differ are in it too. */
const longestDelayMs = 60_000

const unanswered: ReadonlySet<string> = new Set(['submitted', 'unknown', 'pending-cancel', 'pending-replace'])

/** Whether {@link settleUnknown} has anything to ask. */
export function hasUnsettled({ state: { index } }: KernelRuntime): boolean {
  return index.unknown.size > 0 || index.amending.size > 0
}

/** Asks the venue about orders whose fate is unknown, or whose amendment got no answer. Not found is no answer while the venue can still act on the request. */
export async function settleUnknown(runtime: KernelRuntime): Promise<void> {
  const { state, clock, askedAt } = runtime
  const { unansweredCancels } = runtime
  if (!hasUnsettled(runtime)) return
  for (const orderId of new Set([...state.index.unknown, ...state.index.amending])) {
    const order = state.orders.get(orderId)
    const asked = askedAt.get(orderId)
    if (order === undefined) continue
    const { status } = order.state
    // A word that came since makes another question of it.
    const count = asked?.status === status ? asked.count : 0
    if (asked !== undefined && !hasPassed(clock.now(), asked.at, waitAfter(count, lastWaitOf(order)))) continue
    // What is on its way is given time to arrive.
    if (asked === undefined && status !== 'unknown' && !unansweredCancels.has(orderId)) {
      askedAt.set(orderId, { at: clock.now(), count: 0, resends: 0, status })
      continue
    }
    askedAt.set(orderId, { at: clock.now(), count: count + 1, resends: asked?.resends ?? 0, status })
    await settleOrder(runtime, order)
    if (!state.index.amending.has(orderId)) unansweredCancels.delete(orderId)
    if (!state.index.unknown.has(orderId) && !state.index.amending.has(orderId)) askedAt.delete(orderId)
  }
}

/** Asks the venue about all that was sent before a restart and got no answer. What it cannot be asked now stays in doubt, and is asked for again. */
export async function settleUnanswered(runtime: KernelRuntime): Promise<void> {
  for (const symbol of runtime.state.index.openOrders.symbols()) {
    for (const { header } of openOrdersOf(runtime, symbol)) {
      const { orderId } = header
      // What became known of another one may have had it cancelled.
      const order = runtime.state.orders.get(orderId)
      if (order === undefined || !unanswered.has(order.state.status) || header.execution !== undefined) continue
      if (order.state.status === 'pending-cancel') runtime.unansweredCancels.add(orderId)
      if (isCancelledUnheard(order)) noteUnanswered(runtime, orderId)
      await settleOrder(runtime, runtime.state.orders.get(orderId) ?? order)
      if (runtime.state.orders.get(orderId)?.state.status === 'submitted') noteUnanswered(runtime, orderId)
    }
  }
}

/** Whether an order was to be cancelled before the venue had spoken of it: its first request got no answer either. */
function isCancelledUnheard({ state }: OrderRecord): boolean {
  return state.status === 'pending-cancel' && state.venueOrderId === undefined && state.revisions === undefined
}

function noteUnanswered(runtime: KernelRuntime, orderId: string): void {
  const message = 'the venue could not be asked about it after a restart'
  noteOrderEvent(runtime, orderId, { type: 'submission-unknown', eventId: 'submission-unknown', message })
}

function waitAfter(count: number, lastMs: number): number {
  let waitMs = firstLookUpMs
  for (let doubled = 1; doubled < count && waitMs < lastMs; doubled += 1) waitMs *= 2
  return Math.min(waitMs, lastMs)
}

function lastWaitOf({ header }: OrderRecord): number {
  return header.request.reduceOnly ? lastExitLookUpMs : lastLookUpMs
}

/** Asks the venue about one order, and takes its answer for its word. Never throws: what cannot be asked is told. */
async function settleOrder(runtime: KernelRuntime, order: OrderRecord): Promise<void> {
  const { orderId, request } = order.header
  const pending = pendingAmendment(order)
  try {
    if (pending?.terms.how === 'replace') await settleReplacement(runtime, order, pending.terms.by)
    else if (pending !== undefined && pending.words.submitted !== true) {
      await settleSending(runtime, order, requestInForce(order))
      await carryOnAmendment(runtime, orderId)
    } else
      await settleSending(
        runtime,
        order,
        pending === undefined ? requestInForce(order) : amendedRequest(request, pending),
      )
    await protect(runtime, request.symbol)
  } catch (thrown) {
    alert(
      runtime,
      'ORDER_UNKNOWN',
      `the venue could not be asked about order ${orderId}: ${messageOf(thrown)}`,
      request.symbol,
    )
  }
}

async function settleSending(runtime: KernelRuntime, order: OrderRecord, request: OrderRequest): Promise<void> {
  const { orderId } = order.header
  const { clientOrderId } = request
  const found = await brokerOf(runtime).order(clientOrderId)
  if (found !== undefined) return adoptOrder(runtime, order, clientOrderId, found)
  const of = clientOrderId === order.header.request.clientOrderId ? {} : { by: clientOrderId }
  const under = of.by === undefined ? '' : `:${of.by}`
  const heard = sendingOf(order.state, clientOrderId)?.words
  if (heard?.accepted === true) return
  if (await canNoLongerAct(runtime, order, clientOrderId)) {
    noteOrderEvent(runtime, orderId, { type: 'lapsed', eventId: `lapsed${under}`, ...of })
    return
  }
  if (order.state.status === 'submitted') {
    const message = 'the venue did not know it after a restart'
    noteOrderEvent(runtime, orderId, {
      type: 'submission-unknown',
      eventId: `submission-unknown${under}`,
      message,
      ...of,
    })
  }
  await sendAgain(runtime, runtime.state.orders.get(orderId) ?? order, request)
}

/**
 * Sends the same request under the same id once more, where the venue refuses an id that was ever used: it cannot become a second order.
 * Elsewhere nothing is sent on a guess.
 */
async function sendAgain(runtime: KernelRuntime, order: OrderRecord, request: OrderRequest): Promise<void> {
  const { clock, askedAt, state, authority } = runtime
  const { orderId, createdAt } = order.header
  const { capabilities } = brokerOf(runtime)
  const asked = askedAt.get(orderId) ?? { at: clock.now(), count: 1, resends: 0, status: order.state.status }
  if ((capabilities?.clientOrderIds ?? 'permanent') !== 'permanent') return
  const isLate = clock.now() - createdAt > resendEntriesForMs || asked.resends >= maximumResends
  if (!request.reduceOnly && isLate) return
  const asksToCancel = Object.keys(sendingInForce(order).cancelRequests).length > 0
  if (asksToCancel && !coversAgain(runtime, order, request)) return
  const permit = authority.renewed({ ...order, header: { ...order.header, request } })
  if (authority.usable({ ...order, permit }).length > 0) return
  // Legs that came back while it was in doubt may have been cut down since: together they are never more than is held.
  if (exitKind(order.header) === 'leave' && request.reduceOnly && exceedsHeld(runtime, request.symbol)) return
  askedAt.set(orderId, { ...asked, resends: asked.resends + 1 })
  commit(runtime, { type: 'permit-renewed', time: clock.now(), orderId, permit })
  // A cancel of before met no order; a look-up that finds one now makes it count as live.
  if (asksToCancel) runtime.unansweredCancels.add(orderId)
  await transmit(runtime, state.orders.get(orderId) ?? order, request, permit)
}

/**
 * Whether an exit that was to be cancelled when nobody knew of it is sent all the same, by an agent's second thoughts or in a freeze that has
 * ended: as long as its fate is unknown nothing else may be placed for its units. It must reduce what is held, and was held when it was made;
 * a stop or target must rest, in which case its level is moved when it is certain, or be for a price at which the position is to be left.
 * One that leaves at the next price is asked to be cancelled again as soon as the venue has it: where it is too late for that, the position is
 * left rather than bare.
 */
function coversAgain(runtime: KernelRuntime, { header }: OrderRecord, request: OrderRequest): boolean {
  const { symbol, side, stopPrice, limitPrice } = request
  const kind = exitKind(header)
  const trip = runtime.state.trips.get(symbol)
  const price = runtime.market.priceOf(symbol)
  if (!request.reduceOnly || trip?.status !== 'open' || exceedsHeld(runtime, symbol)) return false
  if ((trip.side === 'long') !== (side === 'sell')) return false
  if (kind === 'leave') return trip.openedAt <= header.createdAt
  if (trip.plan === undefined || price === undefined) return false
  if (trip.leaving === true || trip.timeExitDue || isBetween(price, side, stopPrice, limitPrice)) return true
  // What the plan says is reached: it leaves then. A level of before a split is not.
  const instrument = runtime.broker?.instrument(symbol)
  const planned = instrument === undefined ? undefined : levelsOf(trip, instrument)
  return planned !== undefined && isNoTighter(side, planned, stopPrice, limitPrice)
}

function isBetween(price: Decimal, side: Side, stop: string | undefined, target: string | undefined): boolean {
  const [low, high] = side === 'sell' ? [stop, target] : [target, stop]
  return (low === undefined || decimal(low).lt(price)) && (high === undefined || decimal(high).gt(price))
}

function isNoTighter(
  side: Side,
  planned: PlannedLevels,
  stop: string | undefined,
  target: string | undefined,
): boolean {
  const isOutside = (level: string | undefined, of: string, below: boolean): boolean =>
    level === undefined || (below ? decimal(level).lte(decimal(of)) : decimal(level).gte(decimal(of)))
  return isOutside(stop, planned.stop, side === 'sell') && isOutside(target, planned.target, side === 'buy')
}

/** What became of an amendment by the venue that got no answer. */
async function settleReplacement(runtime: KernelRuntime, order: OrderRecord, by: string): Promise<void> {
  const id = requestInForce(order).clientOrderId
  const broker = brokerOf(runtime)
  const replacement = await broker.order(by)
  const old = await broker.order(id)
  const venueOrderId = replacement?.venueOrderId ?? old?.venueOrderId ?? order.state.venueOrderId ?? ''
  const said = { clientOrderId: id, venueOrderId, time: runtime.clock.now() }
  if (replacement !== undefined && replacement.status !== 'rejected') {
    noteVenueWord(runtime, order, { ...said, type: 'replaced', eventId: `lookup-replaced:${by}`, by })
    await adoptOrder(runtime, runtime.state.orders.get(order.header.orderId) ?? order, by, replacement)
    if (old !== undefined) await bookMissing(runtime, old)
    return
  }
  if (old?.status === 'replaced') {
    noteVenueWord(runtime, order, { ...said, type: 'replaced', eventId: `lookup-replaced:${by}`, by })
    return
  }
  const refused = replacement?.status === 'rejected'
  if (refused || (old !== undefined && (old.status !== 'open' || (await isAmendmentPast(runtime, order))))) {
    const why = refused ? 'rejected by the venue, as a look-up found' : 'it did not arrive while it could take effect'
    noteVenueWord(runtime, order, {
      ...said,
      type: 'replace-rejected',
      eventId: `lookup-replace-rejected:${by}`,
      by,
      code: 'NOT_REPLACED',
      message: why,
    })
  }
  if (old !== undefined) await adoptOrder(runtime, runtime.state.orders.get(order.header.orderId) ?? order, id, old)
}

/**
 * Whether the venue can no longer act on a request that it does not know: an order for the day, or for the moment, once the session in
 * which it could first trade has closed; one that is good until an instant once that has passed, a while ago; any other once its lifetime is over, and live orders and executions show nothing of it.
 */
async function canNoLongerAct(runtime: KernelRuntime, order: OrderRecord, clientOrderId: string): Promise<boolean> {
  const { clock, calendar } = runtime
  const { timeInForce, expiresAt } = order.header.request
  if (timeInForce === 'gtd' && expiresAt !== undefined && clock.now() > expiresAt + longestDelayMs) return true
  if (timeInForce !== 'gtc' && timeInForce !== 'gtd') {
    const { createdAt } = order.header
    const running = timeInForce === 'at-open' ? undefined : calendar.openSession(createdAt)
    const session = running ?? calendar.nextSession(createdAt)
    if (clock.now() > session.close + longestDelayMs) return true
  }
  if (!(await isPast(runtime, order))) return false
  const executed = await executionsSince(runtime, order.header.createdAt)
  if (executed === undefined) return false
  const resting = await brokerOf(runtime).openOrders()
  return ![...resting, ...executed].some((each) => each.clientOrderId === clientOrderId)
}

/**
 * {@link isPast}, of an amendment. One in place makes no second order, and brings the order to terms that were permitted: so where no lifetime
 * is known, it is given up after a while, or a stop that it was to move could never be moved again. Should it arrive then, the venue says so.
 */
async function isAmendmentPast(runtime: KernelRuntime, order: OrderRecord): Promise<boolean> {
  if (await isPast(runtime, order)) return true
  const { requestLifetimeMs, requestLifetimeOf: types, replace } = brokerOf(runtime).capabilities ?? {}
  const { permit, header } = order
  if (replace !== 'same-order' || permit === undefined) return false
  const isKnown = requestLifetimeMs !== undefined && types?.includes(header.request.type) !== false
  return !isKnown && runtime.clock.now() > permit.expiresAt + longestDelayMs
}

/** Whether the lifetime of the last request is over, by our clock and by the venue's. It was sent before its permit expired. */
async function isPast(runtime: KernelRuntime, { permit, header }: OrderRecord): Promise<boolean> {
  const broker = brokerOf(runtime)
  const { requestLifetimeMs: lifetimeMs, requestLifetimeOf: types } = broker.capabilities ?? {}
  if (lifetimeMs === undefined || permit === undefined) return false
  if (types !== undefined && !types.includes(header.request.type)) return false
  const end = permit.expiresAt + lifetimeMs
  if (runtime.clock.now() <= end) return false
  return broker.time === undefined || (await broker.time()) > end
}

/** The venue's view of an order becomes its word; executions that did not come by themselves are fetched. */
export async function adoptOrder(
  runtime: KernelRuntime,
  order: OrderRecord,
  clientOrderId: string,
  found: VenueOrder,
): Promise<void> {
  const { orderId } = order.header
  const live = found.status === 'open' || found.status === 'filled' || found.status === 'replaced'
  const type = live ? 'accepted' : found.status
  const base = {
    eventId:
      clientOrderId === order.header.request.clientOrderId ? `lookup-${type}` : `lookup-${type}:${clientOrderId}`,
    clientOrderId,
    venueOrderId: found.venueOrderId,
    time: runtime.clock.now(),
  }
  const event: BrokerEvent =
    type === 'rejected'
      ? { ...base, type, code: 'REJECTED', message: 'rejected by the venue, as a look-up found' }
      : { ...base, type }
  if (sendingOf(order.state, clientOrderId)?.words[type] !== true) noteVenueWord(runtime, order, event)
  const isNamed = await bookMissing(runtime, { ...found, clientOrderId })
  const now = runtime.state.orders.get(orderId) ?? order
  // The venue has done with it, and the books hold all of it: a correction, which ends no order by itself, has made it whole, or less than whole.
  if (found.status === 'filled' && isNamed && isOpenInForce(now, clientOrderId))
    noteVenueWord(runtime, now, { ...base, eventId: `${base.eventId}-whole`, type: 'canceled' })
  if (found.status !== 'open' || !isOpen(now.state.status)) return
  if (!isOpen(order.state.status) && !now.header.request.reduceOnly)
    await cancelInForce(runtime, now, 'it is open still, and no longer wanted')
  else await repeatCancel(runtime, now, clientOrderId)
}

/** Whether an order is open here under the id that the venue was asked by, and nothing is on its way that would change it. */
function isOpenInForce(order: OrderRecord, clientOrderId: string): boolean {
  if (!isOpen(order.state.status) || pendingAmendment(order) !== undefined) return false
  return requestInForce(order).clientOrderId === clientOrderId
}
