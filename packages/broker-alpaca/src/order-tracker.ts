import { type BrokerEvent, type Decimal, decimal, zero } from '@tradeswarm/trading'
import type { CryptoFees } from './execution.js'
import { executionOf } from './execution.js'
import { KnownOrders } from './known-orders.js'
import { isHalf, isStopOfPair, isTarget, pairStatusOf, stopOf } from './pair.js'
import type { AlpacaOrder, FillActivity, TradeUpdate } from './parse-order.js'
import { isMissing, type Member, type Tracked, update } from './tracked-order.js'

type WithoutFrame<Event> = Event extends unknown
  ? Omit<Event, 'eventId' | 'clientOrderId' | 'venueOrderId' | 'time'>
  : never
type Word = WithoutFrame<BrokerEvent>

const set: ReadonlySet<string> = new Set(['stop', 'stop_limit', 'trailing_stop'])

export type OrderTrackerParts = {
  readonly emit: (event: BrokerEvent) => void
  readonly fees: CryptoFees
  /** The client order id of the order that took the place of one, as far as it is known. */
  readonly idOfReplacement: (order: AlpacaOrder) => string | undefined
}

/**
 * Turns what is heard of orders, from answers, stream and look-ups, in any order and any number of times, into events told once. The key of
 * an execution is its order with the quantity filled by then: stream and activities both tell that.
 */
export class OrderTracker {
  readonly #parts: OrderTrackerParts
  readonly #orders = new KnownOrders()
  /** What was heard of stops whose pair is not known yet. */
  readonly #strays = new Map<string, TradeUpdate[]>()

  constructor(parts: OrderTrackerParts) {
    this.#parts = parts
  }

  known(venueOrderId: string): AlpacaOrder | undefined {
    const tracked = this.#orders.find(venueOrderId)
    return tracked === undefined ? this.#stopMember(venueOrderId)?.[1].order : tracked.order
  }

  /** The order that an order is told of under: of the stop of a pair the target. */
  ownerOf(venueOrderId: string): AlpacaOrder | undefined {
    return this.#memberOf(venueOrderId)?.[0].order
  }

  /** Stops of which something was heard, and of which nobody knows yet to which pair they belong. */
  strays(): readonly AlpacaOrder[] {
    return [...this.#strays.values()].flatMap((updates) => updates.slice(-1).map(({ order }) => order))
  }

  /** The venue was asked, and knows of no other order of the pair: it is one by itself, as any that somebody else has placed. */
  noteAlone(order: AlpacaOrder): boolean {
    this.#strays.delete(order.id)
    const tracked = this.#orders.find(order.id) ?? this.#track(order)
    tracked.isAlone = true
    return this.#noteOne(tracked, order)
  }

  /** The order that lives on under a client order id, in its latest form; undefined where that is not known here. */
  liveUnder(clientOrderId: string): AlpacaOrder | undefined {
    let id = this.#orders.idOf(clientOrderId)
    for (let step = 0; id !== undefined && step < 100; step += 1) {
      const tracked = this.#orders.find(id)
      if (tracked === undefined || tracked.order.replacedBy === undefined)
        return tracked?.hasEnded === false ? tracked.order : undefined
      id = tracked.order.replacedBy
    }
    return undefined
  }

  /** Those whose place an order has taken, as far as they are not known to have ended: what they have executed comes before what it has. */
  predecessorsOf(venueOrderId: string): readonly AlpacaOrder[] {
    const found: AlpacaOrder[] = []
    for (let id = this.known(venueOrderId)?.replaces; id !== undefined; ) {
      const before = this.#orders.find(id)
      if (before?.hasEnded === false) found.push(before.order)
      id = before?.order.replaces
    }
    return found
  }

  wasCancelled(venueOrderId: string): boolean {
    return this.#orders.find(venueOrderId)?.wasCancelled ?? false
  }

  /** A cancel that comes after an order's end had no part in it. */
  noteCancel(venueOrderId: string): void {
    const tracked = this.#orders.find(venueOrderId)
    if (tracked?.hasEnded === false) tracked.wasCancelled = true
  }

  /**
   * Of an order that has filled more than was told: what it had filled when it was first heard of, before which nothing is looked for.
   * Undefined where nothing is missing.
   */
  missingFrom(order: AlpacaOrder): Decimal | undefined {
    const [, member] = this.#memberOf(order.id) ?? []
    const filled = decimal(order.filledQuantity)
    if (member === undefined) return filled.isZero() ? undefined : zero
    return member.told.lt(filled) || isMissing(member) ? member.before : undefined
  }

  /** Those that are not known to have ended. */
  live(): readonly AlpacaOrder[] {
    return this.#orders.live().map(({ order }) => order)
  }

  /** Takes an order as it is found at the start: what it has been through is not told again. */
  seed(order: AlpacaOrder): void {
    if (this.#memberOf(order.id) !== undefined) return
    const tracked = this.#track(order)
    tracked.isAccepted = true
    tracked.told = decimal(order.filledQuantity)
    tracked.before = tracked.told
    tracked.toldWorth = tracked.told.times(decimal(order.averagePrice ?? '0'))
    const stop = this.#pairWith(tracked, order)
    if (stop === undefined) return
    stop.told = decimal(stop.order.filledQuantity)
    stop.before = stop.told
    tracked.isTriggered = !stop.told.isZero()
  }

  /** An order as an answer or a look-up tells it. False where something is missing, which must be fetched before its end is told. */
  note(order: AlpacaOrder): boolean {
    const known = this.#memberOf(order.id)
    if (known === undefined && isStopOfPair(order)) return false
    const [tracked, member] = known ?? this.#begin(order)
    if (member !== tracked) {
      update(member, order)
      return this.#settle(tracked, order.updatedAt)
    }
    return this.#noteOne(tracked, order)
  }

  /** A message of the stream. False as in {@link OrderTracker.note}. */
  hear(heard: TradeUpdate): boolean {
    const { order } = heard
    const tracked = this.#orders.find(order.id)
    if (tracked !== undefined) return this.#hear(tracked, tracked, heard)
    const [pair, stop] = this.#stopMember(order.id) ?? this.#replacedStop(order) ?? []
    if (pair !== undefined && stop !== undefined) return this.#hear(pair, stop, heard)
    if (isStopOfPair(order)) {
      this.#strays.set(order.id, [...(this.#strays.get(order.id) ?? []), heard])
      return false
    }
    const begun = this.#track(order)
    return this.#hear(begun, begun, heard)
  }

  #hear(tracked: Tracked, member: Member, { event, time, price, quantity, order }: TradeUpdate): boolean {
    update(member, order)
    if (event !== 'rejected' && member === tracked) this.#accept(tracked, order.submittedAt)
    if ((event === 'fill' || event === 'partial_fill') && price !== undefined && quantity !== undefined)
      this.#execute(tracked, member, { price, quantity, cumulative: order.filledQuantity, time })
    if (member === tracked) this.#hearRefusal(tracked, event, time)
    return this.#settle(tracked, time)
  }

  /** An execution as the account's activities tell it; those of unknown orders are nothing of ours. */
  execute(fill: FillActivity): void {
    const [tracked, member] = this.#memberOf(fill.orderId) ?? []
    if (tracked === undefined || member === undefined) return
    if (decimal(fill.cumulative).gt(decimal(member.order.filledQuantity)))
      member.order = { ...member.order, filledQuantity: fill.cumulative }
    this.#execute(tracked, member, fill)
  }

  #noteOne(tracked: Tracked, order: AlpacaOrder): boolean {
    update(tracked, order)
    if (order.status !== 'rejected') this.#accept(tracked, order.submittedAt)
    const isComplete = this.#noteStop(tracked, order)
    return this.#settle(tracked, order.updatedAt) && isComplete
  }

  #hearRefusal(tracked: Tracked, event: string, time: number): void {
    const { order } = tracked
    if (event === 'order_cancel_rejected')
      this.#emit(order, time, 'cancel-rejected', {
        type: 'cancel-rejected',
        code: 'ORDER_NOT_OPEN',
        message: 'Alpaca could not cancel it: it was filled or had ended before',
      })
    if (event !== 'order_replace_rejected') return
    const by = this.#parts.idOfReplacement(order) ?? tracked.next?.order.clientOrderId
    if (by !== undefined) this.#refuseReplacement(tracked, by, time)
  }

  /** The order lives on, or has ended by itself; the one that was to take its place never came to be. Told once: the venue says it of both. */
  #refuseReplacement(tracked: Tracked, by: string, time: number): void {
    const { order, next, refused } = tracked
    if (next?.order.clientOrderId === by && !next.hasEnded) {
      tracked.next = undefined
      next.hasEnded = true
      this.#orders.end(next)
    }
    if (refused === by) return
    tracked.refused = by
    this.#emit(order, time, `replace-rejected:${by}`, {
      type: 'replace-rejected',
      by,
      code: 'ORDER_NOT_AMENDABLE',
      message: 'Alpaca could not amend it: it was filled or had ended before',
    })
  }

  /** The order whose place another was to take, where that did not come to be. */
  #refusedBefore({ order }: Tracked): Tracked | undefined {
    const before = order.replaces === undefined ? undefined : this.#orders.find(order.replaces)
    return before?.order.status === 'replaced' ? undefined : before
  }

  /** An order with what it is told of under: itself, or the pair that it is the stop of. */
  #memberOf(venueOrderId: string): readonly [Tracked, Member] | undefined {
    const tracked = this.#orders.find(venueOrderId)
    return tracked === undefined ? this.#stopMember(venueOrderId) : [tracked, tracked]
  }

  #stopMember(venueOrderId: string): readonly [Tracked, Member] | undefined {
    const pair = this.#orders.pairOf(venueOrderId)
    if (pair?.stop === undefined) return undefined
    const stop = pair.stop.order.id === venueOrderId ? pair.stop : formerOf(pair, venueOrderId)
    return stop && [pair, stop]
  }

  /** A stop that another one has taken the place of. */
  #isFormer(venueOrderId: string): boolean {
    const stop = this.#orders.pairOf(venueOrderId)?.stop
    return stop !== undefined && stop.order.id !== venueOrderId
  }

  /** What has taken the place of a stop belongs to its pair; what that one had filled is told. */
  #replacedStop(order: AlpacaOrder): readonly [Tracked, Member] | undefined {
    const pair = order.replaces === undefined ? undefined : this.#orders.pairOf(order.replaces)
    const stop = pair === undefined ? undefined : this.#pairWith(pair, { ...pair.order, legs: [order] })
    return pair === undefined || stop === undefined ? undefined : [pair, stop]
  }

  #begin(order: AlpacaOrder): readonly [Tracked, Member] {
    const tracked = this.#track(order)
    return [tracked, tracked]
  }

  /** What an answer tells of the stop of a pair, and what was heard of it before. False where it tells nothing. */
  #noteStop(tracked: Tracked, order: AlpacaOrder): boolean {
    if (!isTarget(order) || tracked.isAlone) return true
    const stop = this.#pairWith(tracked, order)
    if (stop === undefined) return tracked.stop !== undefined
    const strays = this.#strays.get(stop.order.id) ?? []
    this.#strays.delete(stop.order.id)
    for (const stray of strays) this.hear(stray)
    return true
  }

  #pairWith(tracked: Tracked, order: AlpacaOrder): Member | undefined {
    const told = stopOf(order)
    if (!isTarget(order) || told === undefined) return undefined
    const { stop } = tracked
    // The answer is older than what the stream has told.
    if (this.#isFormer(told.id)) return stop
    if (stop?.order.id === told.id) update(stop, told)
    else {
      if (stop !== undefined) tracked.formerStops = [...(tracked.formerStops ?? []), stop]
      tracked.stop = memberOf(told, stop?.told ?? zero)
    }
    this.#orders.addStop(told.id, tracked)
    return tracked.stop
  }

  #track(order: AlpacaOrder): Tracked {
    const before = order.replaces === undefined ? undefined : this.#orders.find(order.replaces)
    // Filled of the orders that it replaces, told under their names.
    const carried = before?.told ?? (order.replaces === undefined ? zero : decimal(order.filledQuantity))
    const tracked: Tracked = {
      order,
      firstExecution: undefined,
      moreExecutions: undefined,
      told: carried,
      before: carried,
      // Whoever takes another's place is told of by that one's end.
      isAccepted: order.replaces !== undefined,
      isTriggered: before?.isTriggered ?? false,
      hasEnded: false,
      wasCancelled: false,
      toldWorth: zero,
      stop: undefined,
      formerStops: undefined,
      next: undefined,
      refused: undefined,
      isAlone: false,
    }
    if (before !== undefined) before.next = tracked
    this.#orders.add(tracked)
    return tracked
  }

  #accept(tracked: Tracked, time: number): void {
    if (tracked.isAccepted) return
    tracked.isAccepted = true
    const { id: venueOrderId, clientOrderId } = tracked.order
    this.#parts.emit({ eventId: `${venueOrderId}:accepted`, clientOrderId, venueOrderId, time, type: 'accepted' })
  }

  #execute(
    tracked: Tracked,
    member: Member,
    fill: { readonly price: string; readonly quantity: string; readonly cumulative: string; readonly time: number },
  ): void {
    const { order, before } = member
    // Seeded orders have told of what they had filled by then.
    if (!before.isZero() && decimal(fill.cumulative).lte(before)) return
    if (!noteExecution(member, fill.cumulative)) return
    const quantity = decimal(fill.quantity)
    member.told = member.told.plus(quantity)
    if (member === tracked)
      for (let { next } = tracked; next !== undefined; next = next.next) next.told = next.told.plus(quantity)
    else for (const later of laterStops(tracked, member)) later.told = later.told.plus(quantity)
    if (order.notional !== undefined) tracked.toldWorth = tracked.toldWorth.plus(quantity.times(decimal(fill.price)))
    if (set.has(order.type) && !tracked.isTriggered) {
      tracked.isTriggered = true
      this.#emit(tracked.order, fill.time, 'triggered', { type: 'triggered' })
    }
    const execution = executionOf(order, fill, this.#parts.fees)
    const { id: venueOrderId, clientOrderId } = tracked.order
    const of = member === tracked ? '' : `${order.id}:`
    const eventId = `${venueOrderId}:fill:${of}${fill.cumulative}`
    this.#parts.emit({ eventId, clientOrderId, venueOrderId, time: fill.time, type: 'filled', execution })
  }

  /** Tells of an end, once nothing is missing before it. */
  #settle(tracked: Tracked, time: number): boolean {
    const { order, stop, formerStops } = tracked
    if (isMissing(tracked) || (stop !== undefined && isMissing(stop))) return false
    if (formerStops?.some(isMissing) === true) return false
    if (tracked.hasEnded) return true
    if (isHalf(order, stop?.order)) return false
    const status = endOf(tracked)
    if (status === 'open') return true
    // Whether it has come to its end is for its stop to say, too.
    if (isTarget(order) && stop === undefined && !tracked.isAlone && status !== 'filled') return false
    if (status === 'replaced') {
      const by = this.#parts.idOfReplacement(order)
      if (by === undefined) return false
      tracked.hasEnded = true
      this.#orders.end(tracked)
      this.#emit(order, time, 'replaced', { type: 'replaced', by })
      return true
    }
    const before = status === 'rejected' ? this.#refusedBefore(tracked) : undefined
    if (before !== undefined) {
      this.#refuseReplacement(before, order.clientOrderId, time)
      return true
    }
    tracked.hasEnded = true
    this.#orders.end(tracked)
    if (status === 'canceled') this.#emit(order, time, 'canceled', { type: 'canceled' })
    if (status === 'expired') this.#emit(order, time, 'expired', { type: 'expired' })
    if (status === 'rejected')
      this.#emit(order, time, 'rejected', {
        type: 'rejected',
        code: 'VENUE_REFUSED',
        message: 'Alpaca took the order and the exchange rejected it',
      })
    return true
  }

  #emit(order: AlpacaOrder, time: number, name: string, word: Word): void {
    const { id: venueOrderId, clientOrderId } = order
    this.#parts.emit({ eventId: `${venueOrderId}:${name}`, clientOrderId, venueOrderId, time, ...word } as BrokerEvent)
  }
}

/** A stop that another has taken the place of: what it executed before may be heard of late. */
function formerOf({ formerStops }: Tracked, venueOrderId: string): Member | undefined {
  return formerStops?.find(({ order }) => order.id === venueOrderId)
}

/** Those that have taken the place of a stop: what it had filled counts as theirs. */
function laterStops({ stop, formerStops = [] }: Tracked, member: Member): readonly Member[] {
  const index = formerStops.indexOf(member)
  return index < 0 || stop === undefined ? [] : [...formerStops.slice(index + 1), stop]
}

/** Of an order for an amount of dollars something may be left that buys no unit: to Alpaca it has filled. */
function endOf({ order, stop, wasCancelled, toldWorth }: Tracked): ReturnType<typeof pairStatusOf> {
  const status = pairStatusOf(order, stop?.order, wasCancelled)
  if (status !== 'filled' || order.notional === undefined) return status
  return toldWorth.lt(decimal(order.notional)) ? 'canceled' : status
}

function memberOf(order: AlpacaOrder, told: Decimal): Member {
  return { order, firstExecution: undefined, moreExecutions: undefined, told, before: told }
}

/** Notes that an execution is told; false where it was told before. */
function noteExecution(member: Member, cumulative: string): boolean {
  if (member.firstExecution === undefined) {
    member.firstExecution = cumulative
    return true
  }
  if (member.firstExecution === cumulative || member.moreExecutions?.has(cumulative) === true) return false
  member.moreExecutions ??= new Set()
  member.moreExecutions.add(cumulative)
  return true
}
