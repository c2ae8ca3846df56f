import { LatestItems } from '@tradeswarm/broker-kit'
import { type BrokerEvent, type Decimal, decimal, zero } from '@tradeswarm/trading'
import type { CryptoFees } from './execution.js'
import { executionOf } from './execution.js'
import type { AlpacaOrder, FillActivity, TradeUpdate } from './parse-order.js'
import { statusOf } from './venue-order.js'

/** So many finished orders are remembered, so that what is told of them late or twice is known. */
const rememberedOrders = 20_000

type Tracked = {
  order: AlpacaOrder
  isAccepted: boolean
  isTriggered: boolean
  hasEnded: boolean
  wasCancelled: boolean
  /** Executions that were told, by what was filled with each: most orders have one, which needs no set. */
  firstExecution: string | undefined
  moreExecutions: Set<string> | undefined
  told: Decimal
  /** Filled of the orders that it replaces, told under their names. */
  readonly carried: Decimal
}

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
  readonly #orders = new Map<string, Tracked>()
  readonly #idOf = new Map<string, string>()
  /** Finished orders are forgotten in the order in which they ended. */
  readonly #ended = new LatestItems<Tracked>(rememberedOrders, (tracked) => this.#forget(tracked))

  constructor(parts: OrderTrackerParts) {
    this.#parts = parts
  }

  known(venueOrderId: string): AlpacaOrder | undefined {
    return this.#orders.get(venueOrderId)?.order
  }

  /** The order that lives on under a client order id, in its latest form; undefined where that is not known here. */
  liveUnder(clientOrderId: string): AlpacaOrder | undefined {
    let id = this.#idOf.get(clientOrderId)
    for (let step = 0; id !== undefined && step < 100; step += 1) {
      const tracked = this.#orders.get(id)
      if (tracked === undefined || tracked.order.replacedBy === undefined)
        return tracked?.hasEnded === false ? tracked.order : undefined
      id = tracked.order.replacedBy
    }
    return undefined
  }

  wasCancelled(venueOrderId: string): boolean {
    return this.#orders.get(venueOrderId)?.wasCancelled ?? false
  }

  /** A cancel that comes after an order's end had no part in it. */
  noteCancel(venueOrderId: string): void {
    const tracked = this.#orders.get(venueOrderId)
    if (tracked?.hasEnded === false) tracked.wasCancelled = true
  }

  /** Those that are not known to have ended. */
  live(): readonly AlpacaOrder[] {
    return [...this.#orders.values()].filter(({ hasEnded }) => !hasEnded).map(({ order }) => order)
  }

  /** Takes an order as it is found at the start: what it has been through is not told again. */
  seed(order: AlpacaOrder): void {
    if (this.#orders.has(order.id)) return
    const tracked = this.#track(order)
    tracked.isAccepted = true
    tracked.told = decimal(order.filledQuantity)
  }

  /** An order as an answer or a look-up tells it. False where executions are missing, which must be fetched before its end is told. */
  note(order: AlpacaOrder): boolean {
    const tracked = this.#orders.get(order.id) ?? this.#track(order)
    this.#update(tracked, order)
    if (order.status !== 'rejected') this.#accept(tracked, order.submittedAt)
    return this.#settle(tracked, order.updatedAt)
  }

  /** A message of the stream. False as in {@link OrderTracker.note}. */
  hear({ event, time, price, quantity, order }: TradeUpdate): boolean {
    const tracked = this.#orders.get(order.id) ?? this.#track(order)
    this.#update(tracked, order)
    if (event !== 'rejected') this.#accept(tracked, order.submittedAt)
    if ((event === 'fill' || event === 'partial_fill') && price !== undefined && quantity !== undefined)
      this.#execute(tracked, { price, quantity, cumulative: order.filledQuantity, time })
    if (event === 'order_cancel_rejected')
      this.#emit(tracked.order, time, 'cancel-rejected', {
        type: 'cancel-rejected',
        code: 'ORDER_NOT_OPEN',
        message: 'Alpaca could not cancel it: it was filled or had ended before',
      })
    const by = event === 'order_replace_rejected' ? this.#parts.idOfReplacement(order) : undefined
    if (by !== undefined)
      this.#emit(tracked.order, time, `replace-rejected:${by}`, {
        type: 'replace-rejected',
        by,
        code: 'ORDER_NOT_AMENDABLE',
        message: 'Alpaca could not amend it: it was filled or had ended before',
      })
    return this.#settle(tracked, time)
  }

  /** An execution as the account's activities tell it; those of unknown orders are nothing of ours. */
  execute(fill: FillActivity): void {
    const tracked = this.#orders.get(fill.orderId)
    if (tracked === undefined) return
    if (decimal(fill.cumulative).gt(decimal(tracked.order.filledQuantity)))
      tracked.order = { ...tracked.order, filledQuantity: fill.cumulative }
    this.#execute(tracked, fill)
  }

  #track(order: AlpacaOrder): Tracked {
    const before = order.replaces === undefined ? undefined : this.#orders.get(order.replaces)
    const carried = before?.told ?? (order.replaces === undefined ? zero : decimal(order.filledQuantity))
    const tracked: Tracked = {
      order,
      // Whoever takes another's place is told of by that one's end.
      isAccepted: order.replaces !== undefined,
      isTriggered: before?.isTriggered ?? false,
      hasEnded: false,
      wasCancelled: false,
      firstExecution: undefined,
      moreExecutions: undefined,
      told: carried,
      carried,
    }
    this.#orders.set(order.id, tracked)
    this.#idOf.set(order.clientOrderId, order.id)
    return tracked
  }

  /** What is heard may be older than what is known. */
  #update(tracked: Tracked, order: AlpacaOrder): void {
    const { order: known } = tracked
    if (known === order) return
    const isOpen = statusOf(known, false) === 'open'
    const isLater =
      order.updatedAt > known.updatedAt ||
      (order.updatedAt === known.updatedAt && decimal(order.filledQuantity).gte(decimal(known.filledQuantity)))
    if (isOpen && (isLater || statusOf(order, false) !== 'open')) tracked.order = order
    else if (decimal(order.filledQuantity).gt(decimal(known.filledQuantity)))
      tracked.order = { ...tracked.order, filledQuantity: order.filledQuantity }
  }

  #accept(tracked: Tracked, time: number): void {
    if (tracked.isAccepted) return
    tracked.isAccepted = true
    const { id: venueOrderId, clientOrderId } = tracked.order
    this.#parts.emit({ eventId: `${venueOrderId}:accepted`, clientOrderId, venueOrderId, time, type: 'accepted' })
  }

  #execute(
    tracked: Tracked,
    fill: { readonly price: string; readonly quantity: string; readonly cumulative: string; readonly time: number },
  ): void {
    const { order, firstExecution } = tracked
    // Seeded orders have told of what they had filled by then.
    if (firstExecution === undefined && decimal(fill.cumulative).lte(tracked.told)) return
    if (!noteExecution(tracked, fill.cumulative)) return
    tracked.told = tracked.told.plus(decimal(fill.quantity))
    if (set.has(order.type) && !tracked.isTriggered) {
      tracked.isTriggered = true
      this.#emit(order, fill.time, 'triggered', { type: 'triggered' })
    }
    const execution = executionOf(order, fill, this.#parts.fees)
    const { id: venueOrderId, clientOrderId } = order
    const eventId = `${venueOrderId}:fill:${fill.cumulative}`
    this.#parts.emit({ eventId, clientOrderId, venueOrderId, time: fill.time, type: 'filled', execution })
  }

  /** Tells of an end, once nothing is missing before it. */
  #settle(tracked: Tracked, time: number): boolean {
    const { order } = tracked
    if (tracked.told.lt(decimal(order.filledQuantity))) return false
    if (tracked.hasEnded) return true
    const status = statusOf(order, tracked.wasCancelled)
    if (status === 'open') return true
    if (status === 'replaced') {
      const by = this.#parts.idOfReplacement(order)
      if (by === undefined) return false
      this.#end(tracked)
      this.#emit(order, time, 'replaced', { type: 'replaced', by })
      return true
    }
    this.#end(tracked)
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

  #end(tracked: Tracked): void {
    tracked.hasEnded = true
    this.#ended.add(tracked)
  }

  #forget({ order: { id, clientOrderId } }: Tracked): void {
    this.#idOf.delete(clientOrderId)
    this.#orders.delete(id)
  }
}

/** Notes that an execution is told; false where it was told before. */
function noteExecution(tracked: Tracked, cumulative: string): boolean {
  if (tracked.firstExecution === undefined) {
    tracked.firstExecution = cumulative
    return true
  }
  if (tracked.firstExecution === cumulative || tracked.moreExecutions?.has(cumulative) === true) return false
  tracked.moreExecutions ??= new Set()
  tracked.moreExecutions.add(cumulative)
  return true
}
