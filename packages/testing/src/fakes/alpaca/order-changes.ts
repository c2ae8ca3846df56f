import type { Clock, EpochMs, Random, Timers } from '@tradeswarm/core'
import type { OrderRequest } from '@tradeswarm/trading'
import { type FakeOrder, isOpen, plainStatusOf, rfc3339 } from './fake-order.js'

/** How long cancels and amendments take from their answer to their effect. */
export type ChangeDelays = {
  readonly cancelDelayMs: number
  readonly replaceDelayMs: number
  readonly timers: Clock & Timers
}

/** Why the engine does not do something. */
export type Refused = { readonly code: string; readonly message: string }

export type OrderChangesParts = ChangeDelays & {
  readonly random: Random
  readonly now: () => EpochMs
  readonly requestOf: (order: FakeOrder) => OrderRequest
  /** Why the engine would not let an order be amended now. */
  readonly refusalOf: (order: FakeOrder, request: OrderRequest) => Refused | undefined
  /** Has the engine amend an order, which {@link OrderChanges.replaced} and {@link OrderChanges.refuse} are told of meanwhile. */
  readonly replace: (order: FakeOrder, request: OrderRequest) => Promise<void>
  readonly cancel: (order: FakeOrder) => Promise<void>
  readonly register: (order: FakeOrder) => void
  readonly tell: (event: string, order: FakeOrder, more?: Record<string, unknown>) => void
}

/** Cancels and amendments on their way to the exchange: they are answered at once and take effect later, or come too late. */
export class OrderChanges {
  readonly #parts: OrderChangesParts
  /** Replacements that the engine is being asked for, by their ids. */
  readonly #amending = new Map<string, FakeOrder>()
  #refused: Refused | undefined
  /** What cancels the timers of those that are still to take effect. */
  readonly #underWay = new Set<() => void>()

  constructor(parts: OrderChangesParts) {
    this.#parts = parts
  }

  /** How many have been answered and are still to take effect. */
  get underWay(): number {
    return this.#underWay.size
  }

  /** Nothing that is under way takes effect any more. */
  close(): void {
    for (const cancelTimer of this.#underWay) cancelTimer()
    this.#underWay.clear()
  }

  /** Asks for a cancel: what fills before it takes effect has filled. */
  async cancel(order: FakeOrder): Promise<void> {
    const { cancelDelayMs, cancel, now, tell } = this.#parts
    if (cancelDelayMs === 0) return cancel(order)
    order.status = 'pending_cancel'
    order.updatedAt = now()
    tell('pending_cancel', order)
    this.#after(cancelDelayMs, async () => {
      if (isOpen(order)) await cancel(order)
      else if (order.status !== 'canceled') tell('order_cancel_rejected', order, { timestamp: rfc3339(now()) })
    })
  }

  /** Asks for an amendment. Answers why not, or undefined: then the next one is to take the place of the order, unless that has filled before. */
  async amend(order: FakeOrder, next: FakeOrder): Promise<Refused | undefined> {
    const { replaceDelayMs, now, tell, register, refusalOf, requestOf } = this.#parts
    if (replaceDelayMs === 0) return this.#amendNow(order, next)
    const refusal = refusalOf(order, requestOf(next))
    if (refusal !== undefined) return refusal
    register(next)
    order.status = 'pending_replace'
    order.updatedAt = now()
    tell('pending_replace', order)
    tell('pending_new', next)
    this.#after(replaceDelayMs, async () => {
      const isDone = isOpen(order) && (await this.#amendNow(order, next)) === undefined
      if (!isDone) this.#turnAway(order, next)
    })
    return undefined
  }

  /** The engine does not amend. */
  refuse(why: Refused): void {
    this.#refused = why
  }

  /** The engine has amended. */
  replaced(order: FakeOrder, by: string, time: EpochMs): void {
    const next = this.#amending.get(by)
    if (next === undefined) return
    const { register, tell } = this.#parts
    // What it has filled meanwhile, and what belongs to it, goes on with the other.
    const { filled, filledWorth, legs, isPlaced, parent } = order
    Object.assign(next, { filled, filledWorth, legs, isPlaced, status: 'new', updatedAt: time, engineId: undefined })
    order.status = 'replaced'
    order.replacedAt = time
    order.updatedAt = time
    order.replacedBy = by
    if (parent !== undefined) parent.legs = parent.legs.map((leg) => (leg === order ? next : leg))
    register(next)
    tell('replaced', order)
    tell('new', next)
  }

  async #amendNow(order: FakeOrder, next: FakeOrder): Promise<Refused | undefined> {
    const { replace, requestOf } = this.#parts
    this.#amending.set(next.id, next)
    this.#refused = undefined
    await replace(order, requestOf(next))
    this.#amending.delete(next.id)
    if (order.replacedBy === next.id) return undefined
    return this.#refused ?? { code: 'ORDER_NOT_OPEN', message: 'it is not open' }
  }

  /** The order has filled or ended before, or may not be amended any more: what was to take its place never comes to be. */
  #turnAway(order: FakeOrder, next: FakeOrder): void {
    const { now, random, tell } = this.#parts
    const time = now()
    if (order.status === 'pending_replace') order.status = plainStatusOf(order)
    next.status = 'rejected'
    next.updatedAt = time
    const words = [
      () => tell('order_replace_rejected', order, { timestamp: rfc3339(time) }),
      () => tell('rejected', next),
    ]
    for (const say of random.next() < 0.5 ? words : words.reverse()) say()
  }

  #after(delayMs: number, act: () => Promise<void>): void {
    const { timers } = this.#parts
    const cancelTimer = timers.at(timers.now() + delayMs, async () => {
      await act()
      this.#underWay.delete(cancelTimer)
    })
    this.#underWay.add(cancelTimer)
  }
}
