import { type AmendedOrder, type BrokerEvent, decimal, decimalText, zero } from '@tradeswarm/trading'
import { executionOf } from './execution.js'
import { amendmentFailed } from './explain-refusal.js'
import { KnownOrders } from './known-orders.js'
import {
  fillsWithin,
  isChildMissing,
  isRefused,
  isSetOffAlgo,
  laterOf,
  plainStatusOf,
  refusalOf,
  wasHadAlready,
} from './order-conclusions.js'
import type { OkxAlgo, OkxFill, OkxOrder, OrderUpdate } from './parse-order.js'
import { isMade, type PendingAmendment, RevisionBook } from './revision-book.js'
import { childrenOf, noteExecution, type TrackedOrder } from './tracked-order.js'
import { algoStatusOf, isSetOff, stateIsOpen, wholeOf, worthOf } from './venue-order.js'

/** What is known of so many orders that are on their way: of one that never arrives nobody says so. */
const mostOnTheirWay = 10_000

type WithoutFrame<Event> = Event extends unknown
  ? Omit<Event, 'eventId' | 'clientOrderId' | 'venueOrderId' | 'time'>
  : never
type Word = WithoutFrame<BrokerEvent>

/**
 * Turns what is heard of orders, from answers, streams and look-ups, in any order and any number of times, into events told once. The key of
 * an execution is the venue's trade id. An algo order and the order that it becomes are one here, under the name of the first.
 */
export class OrderTracker {
  readonly #emit: (event: BrokerEvent) => void
  readonly revisions = new RevisionBook()
  readonly #orders = new KnownOrders(this.revisions)
  /** Stops that are sent as what they have become: they are set off once they are accepted. */
  readonly #setOff = new Set<string>()
  /** How much the orders that are on their way are for. */
  readonly #asked = new Map<string, string>()
  constructor(emit: (event: BrokerEvent) => void) {
    this.#emit = emit
  }

  known(venueOrderId: string): TrackedOrder | undefined {
    return this.#orders.find(venueOrderId)
  }

  /** By any name that it has had, and by that of an amendment which is on its way. */
  named(name: string): TrackedOrder | undefined {
    return this.#orders.named(name)
  }

  /** What an order goes by here: its client order id at OKX, unless it was amended since. */
  nameOf(found: OkxOrder | OkxAlgo): string {
    const parentId = found.kind === 'order' ? found.algoId : undefined
    const own = parentId === undefined ? found.clientOrderId : ((found as OkxOrder).algoClientOrderId ?? '')
    return this.#orders.find(found.id)?.name ?? this.revisions.lastNameOf(own || (parentId ?? found.id))
  }

  /** Takes what other lives have amended: events go under the last names from now on. */
  recall(orders: readonly AmendedOrder[]): void {
    for (const amended of orders) {
      this.revisions.recall(amended)
      const tracked = this.named(amended.names[0])
      if (tracked === undefined) continue
      tracked.name = this.revisions.lastNameOf(amended.names[0])
      this.#amend(tracked, tracked.algo?.updatedAt ?? tracked.order?.updatedAt ?? tracked.createdAt)
    }
  }

  /** An amendment is on its way; the stream may tell of it before it is answered. */
  expect(tracked: TrackedOrder, pending: PendingAmendment): void {
    this.revisions.expect(tracked.name, pending)
  }

  /** The amendment under a name was made, where that is not known yet. */
  take(tracked: TrackedOrder, by: string, time: number): void {
    const revisions = this.revisions.of(by)
    if (revisions?.pending?.by !== by) return
    const before = tracked.name
    tracked.asked = revisions.pending.quantity
    this.revisions.take(revisions, decimalText(tracked.told))
    tracked.name = by
    const { id: venueOrderId } = tracked
    const eventId = `${venueOrderId}:replaced:${by}`
    this.#emit({ eventId, clientOrderId: before, venueOrderId, time, type: 'replaced', by })
  }

  /** The amendment under a name will not be made. False where that is known already. */
  drop(by: string): boolean {
    const revisions = this.revisions.of(by)
    if (revisions?.pending?.by !== by) return false
    this.revisions.drop(revisions)
    return true
  }

  /** Takes note, before it is sent, of how much an order is for; undefined where it was refused. */
  expectSize(name: string, quantity: string | undefined): void {
    if (quantity === undefined) this.#asked.delete(name)
    else {
      this.#asked.set(name, quantity)
      if (this.#asked.size > mostOnTheirWay) this.#asked.delete(this.#asked.keys().next().value ?? '')
    }
  }

  /** Takes note, before it is sent, that an order is a stop of which a level was passed already. */
  noteSetOff(name: string, isSo: boolean): void {
    if (!isSo) this.#setOff.delete(name)
    else {
      this.#setOff.add(name)
      if (this.#setOff.size > mostOnTheirWay) this.#setOff.delete(this.#setOff.values().next().value ?? '')
    }
  }

  /** Takes an order that the venue has taken, of which it is not known whether it may stay: nothing is told yet. */
  expectWordOf(taken: OkxOrder): TrackedOrder {
    return this.#find(taken) ?? this.#track(taken)
  }

  /** Those that are not known to have ended. */
  live(): readonly TrackedOrder[] {
    return this.#orders.live()
  }

  /**
   * Takes what is found at the start: what it has been through is not told again. `fills` are those that it has had, the oldest first; those
   * among them that it had after it was looked at are still to be told.
   */
  seed(found: OkxOrder | OkxAlgo, fills: readonly OkxFill[]): void {
    if (this.#orders.find(found.id) !== undefined) return
    const tracked = this.#find(found) ?? this.#track(found)
    if (found.kind === 'order') this.#update(tracked, found)
    tracked.isAccepted = true
    tracked.isTriggered = tracked.kind === 'algo' && tracked.order !== undefined
    const filled = decimal(found.kind === 'order' ? found.filledQuantity : '0')
    tracked.told = tracked.told.plus(filled)
    tracked.unlisted = tracked.unlisted.plus(filled)
    tracked.seenAt = Math.max(tracked.seenAt, found.updatedAt)
    const had = fillsWithin(fills, filled, found.updatedAt)
    for (const { tradeId, quantity } of had) {
      noteExecution(tracked, tradeId)
      tracked.unlisted = tracked.unlisted.minus(decimal(quantity))
    }
    tracked.toldWorth = tracked.toldWorth.plus(worthOf(had))
  }

  /** An order as an answer or a look-up tells it. False where executions are missing, which must be fetched before its end is told. */
  note(found: OkxOrder | OkxAlgo): boolean {
    const tracked = this.#find(found) ?? this.#track(found)
    if (found.kind === 'algo') this.#updateAlgo(tracked, found)
    else this.#update(tracked, found)
    this.#begin(tracked, found)
    this.#amend(tracked, found.updatedAt)
    return this.#settle(tracked, found.updatedAt)
  }

  /** A message of the channel `orders`. False as in {@link OrderTracker.note}. */
  hear({ order, fill, amendResult, requestId }: OrderUpdate): boolean {
    const tracked = this.#find(order) ?? this.#track(order)
    this.#update(tracked, order)
    this.#begin(tracked, order)
    if (requestId !== undefined && amendResult !== '')
      this.#hearAmendment(tracked, requestId, amendResult, order.updatedAt)
    else this.#amend(tracked, order.updatedAt)
    if (fill !== undefined) this.#execute(tracked, fill)
    return this.#settle(tracked, order.updatedAt)
  }

  /** An execution as the account's lists tell it; those of unknown orders are nothing of ours. */
  execute(fill: OkxFill): void {
    const tracked = this.#orders.find(fill.orderId)
    if (tracked !== undefined) this.#execute(tracked, fill)
  }

  /** What the venue says of an amendment: 0 it was made, -1 it was not. */
  #hearAmendment(tracked: TrackedOrder, by: string, result: string, time: number): void {
    if (result === '0') this.take(tracked, by, time)
    else if (result === '-1' && this.drop(by)) {
      const { id: venueOrderId, name: clientOrderId } = tracked
      const eventId = `${venueOrderId}:replace-rejected:${by}`
      this.#emit({ eventId, clientOrderId, venueOrderId, time, type: 'replace-rejected', by, ...amendmentFailed })
    }
  }

  /** Whether an amendment that nobody has told of was made shows in the terms. */
  #amend(tracked: TrackedOrder, time: number): void {
    const pending = this.revisions.of(tracked.name)?.pending
    if (pending !== undefined && isMade(pending, tracked.order, tracked.algo)) this.take(tracked, pending.by, time)
  }

  #find(found: OkxOrder | OkxAlgo): TrackedOrder | undefined {
    const known = this.#orders.find(found.id)
    if (known !== undefined || found.kind === 'algo') return known
    const parent = found.algoId === undefined ? undefined : this.#orders.find(found.algoId)
    if (parent !== undefined) this.#orders.alias(found.id, parent)
    return parent
  }

  #track(found: OkxOrder | OkxAlgo): TrackedOrder {
    // What an algo order has become may be heard of first: it is told under the name and the id of that one all the same.
    const parentId = found.kind === 'order' ? found.algoId : undefined
    const id = parentId ?? found.id
    const first = parentId === undefined ? found.clientOrderId : ((found as OkxOrder).algoClientOrderId ?? '')
    const tracked: TrackedOrder = {
      name: this.revisions.lastNameOf(first || id),
      id,
      symbol: found.symbol,
      order: found.kind === 'order' ? found : undefined,
      siblings: undefined,
      kind: parentId === undefined ? found.kind : 'algo',
      algo: found.kind === 'algo' ? found : undefined,
      createdAt: found.createdAt,
      asked: this.#asked.get(first),
      isAccepted: false,
      isTriggered: false,
      hasEnded: false,
      wasCancelled: false,
      hasLapsed: false,
      firstExecution: undefined,
      moreExecutions: undefined,
      told: zero,
      toldWorth: zero,
      unlisted: zero,
      seenAt: 0,
    }
    if (tracked.asked !== undefined) this.#asked.delete(first)
    this.#orders.add(tracked, first || id)
    if (found.id !== id) this.#orders.alias(found.id, tracked)
    if (found.kind === 'algo') for (const childId of found.childIds) this.#orders.alias(childId, tracked)
    return tracked
  }

  /** What is heard may be older than what is known. */
  #update(tracked: TrackedOrder, order: OkxOrder): void {
    const known = tracked.order
    if (known === order) return
    if (known === undefined || known.id === order.id) {
      tracked.order = known === undefined ? order : laterOf(known, order)
      return
    }
    tracked.siblings ??= new Map()
    const sibling = tracked.siblings.get(order.id)
    tracked.siblings.set(order.id, sibling === undefined ? order : laterOf(sibling, order))
  }

  #updateAlgo(tracked: TrackedOrder, algo: OkxAlgo): void {
    const known = tracked.algo
    // What it has become was heard of first, without its name.
    if (known === undefined && tracked.name === tracked.id && algo.clientOrderId !== '') {
      this.#orders.rename(tracked, algo.clientOrderId)
      tracked.name = this.revisions.lastNameOf(algo.clientOrderId)
    }
    const isLater = known?.state === 'live' && (algo.updatedAt >= known.updatedAt || algo.state !== 'live')
    if (known === undefined || isLater || isSetOff(algo)) tracked.algo = algo
    for (const childId of algo.childIds) this.#orders.alias(childId, tracked)
  }

  /** It is accepted, and of an algo order: set off. */
  #begin(tracked: TrackedOrder, found: OkxOrder | OkxAlgo): void {
    // Whether a post-only order may stay is known a moment later; one that may not was never accepted.
    if (!tracked.isAccepted && !isRefused(tracked)) {
      tracked.isAccepted = true
      const { id: venueOrderId, name: clientOrderId, createdAt: time } = tracked
      this.#emit({ eventId: `${venueOrderId}:accepted`, clientOrderId, venueOrderId, time, type: 'accepted' })
      if (this.#setOff.size > 0 && this.#setOff.delete(clientOrderId))
        this.#tell(tracked, time, 'triggered', { type: 'triggered' })
    }
    const isSet = tracked.kind === 'algo' && (tracked.order !== undefined || isSetOffAlgo(tracked.algo))
    if (!isSet || tracked.isTriggered) return
    tracked.isTriggered = true
    const time = found.kind === 'order' ? found.createdAt : found.updatedAt
    this.#tell(tracked, time, 'triggered', { type: 'triggered' })
  }

  #execute(tracked: TrackedOrder, fill: OkxFill): void {
    if (!noteExecution(tracked, fill.tradeId)) return
    const quantity = decimal(fill.quantity)
    if (wasHadAlready(tracked, fill, quantity)) return
    tracked.told = tracked.told.plus(quantity)
    if (tracked.order?.isInQuote === true)
      tracked.toldWorth = tracked.toldWorth.plus(quantity.times(decimal(fill.price)))
    const { id: venueOrderId, name: clientOrderId } = tracked
    const eventId = `${venueOrderId}:fill:${fill.tradeId}`
    const execution = executionOf(fill)
    this.#emit({ eventId, clientOrderId, venueOrderId, time: fill.time, type: 'filled', execution })
  }

  /** Tells of an end, once nothing is missing before it. */
  #settle(tracked: TrackedOrder, time: number): boolean {
    const { algo } = tracked
    const order = tracked.siblings === undefined ? tracked.order : wholeOf(childrenOf(tracked))
    if (order !== undefined && tracked.told.lt(decimal(order.filledQuantity))) return false
    if (tracked.hasEnded) return true
    const status = algo !== undefined ? algoStatusOf(algo, order, tracked) : order && plainStatusOf(order, tracked)
    // It was set off, and not all is known yet of what it has become.
    if (isSetOffAlgo(algo) && isChildMissing(tracked, status)) return false
    if (status === 'open' && order !== undefined && !stateIsOpen(order)) return false
    if (status === undefined || status === 'open' || status === 'replaced') return true
    tracked.hasEnded = true
    this.#orders.end(tracked)
    if (status === 'canceled') this.#tell(tracked, time, 'canceled', { type: 'canceled' })
    if (status === 'expired') this.#tell(tracked, time, 'expired', { type: 'expired' })
    if (status === 'rejected') this.#tell(tracked, time, 'rejected', { type: 'rejected', ...refusalOf(tracked) })
    return true
  }

  #tell({ id: venueOrderId, name: clientOrderId }: TrackedOrder, time: number, what: string, word: Word): void {
    this.#emit({ eventId: `${venueOrderId}:${what}`, clientOrderId, venueOrderId, time, ...word } as BrokerEvent)
  }
}
