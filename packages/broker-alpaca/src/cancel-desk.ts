import { type Explanation, type RefusalDesk, refusalIn } from '@tradeswarm/broker-kit'
import type { ClockAndTimers } from '@tradeswarm/core'
import { explainRefusal } from './explain-refusal.js'
import { isBeingAmended, mayWait, statusOf } from './order-status.js'
import type { OrderTracker } from './order-tracker.js'
import { isTarget, stopOf } from './pair.js'
import type { AlpacaOrder } from './parse-order.js'
import type { TradingClient } from './trading-client.js'

/** Said of an order that Alpaca does not know. */
export const unknownOrder: Explanation = { code: 'ORDER_NOT_FOUND', message: 'Alpaca knows no such order' }
const beingAmended: Explanation = {
  code: 'ORDER_NOT_AMENDABLE',
  message: 'Alpaca is still amending it, and cancels nothing until that is done; ask again',
}

export type CancelDeskParts = {
  readonly client: TradingClient
  readonly tracker: OrderTracker
  readonly refusals: RefusalDesk
  readonly clock: ClockAndTimers
  /** How long to wait before each look at an order that is being amended. */
  readonly waitsMs: readonly number[]
}

/** Cancels orders in their latest form: Alpaca makes a new one of each amendment, and cancels none while it does. */
export class CancelDesk {
  readonly #parts: CancelDeskParts

  constructor(parts: CancelDeskParts) {
    this.#parts = parts
  }

  /** Resolves when Alpaca has taken note; a refusal is told before. */
  async cancel(clientOrderId: string): Promise<void> {
    const known = this.#parts.tracker.liveUnder(clientOrderId)
    const isFree = known !== undefined && !isBeingAmended(known) && !mayWait(known)
    if (isFree && (await this.#cancelled(known)) === undefined) return
    // Not known here, or refused: what is known may be old.
    await this.#cancelLatest(clientOrderId)
  }

  /** Cancels whatever is open in the account, whoever placed it. Answers how many orders that were. */
  async cancelAll(): Promise<number> {
    const { client, tracker } = this.#parts
    for (const order of tracker.live()) tracker.noteCancel(order.id)
    const { count, refused } = await client.cancelAll()
    // What is being amended is refused, and is to go all the same.
    const left = await Promise.all(refused.map((id) => client.order(id, 'cancel')))
    const amended = left.filter((order) => order !== undefined).filter(isBeingAmended)
    await Promise.all(amended.map((order) => this.#cancelLatest(order.clientOrderId)))
    return count + amended.length
  }

  /** The order under a client order id in its latest form. */
  async latest(clientOrderId: string, as: 'read' | 'cancel'): Promise<AlpacaOrder | undefined> {
    const { client } = this.#parts
    let order = await client.orderByClientId(clientOrderId, as)
    for (let step = 0; order?.replacedBy !== undefined && step < 100; step += 1)
      order = await client.order(order.replacedBy, as)
    return order
  }

  /** Whether an order waits for the one to give way whose place it is to take: it is none yet, and may never be one. */
  async isWaiting(order: AlpacaOrder, as: 'read' | 'cancel' = 'read'): Promise<boolean> {
    if (!mayWait(order) || order.replaces === undefined) return false
    const before = await this.#parts.client.order(order.replaces, as)
    return before !== undefined && statusOf(before, false) === 'open'
  }

  /** One that is being amended takes no cancel: it is looked at until that is done. */
  async #cancelLatest(clientOrderId: string): Promise<void> {
    const { refusals, tracker, waitsMs } = this.#parts
    let [id, why]: [string, Explanation] = ['', beingAmended]
    let wasRefused = false
    for (const waitMs of [...waitsMs, 0]) {
      const order = await this.latest(clientOrderId, 'cancel')
      if (order === undefined) return refusals.cancel(clientOrderId, '', unknownOrder)
      id = order.id
      if (order.status === 'pending_cancel') return tracker.noteCancel(id)
      if (isBeingAmended(order) || (await this.isWaiting(order, 'cancel'))) {
        await this.#wait(waitMs)
        continue
      }
      const refusal = await this.#cancelled(order)
      if (refusal === undefined) return
      why = refusal
      // It may have changed while it was asked for: it is looked at once more.
      if (wasRefused) break
      wasRefused = true
    }
    await refusals.cancel(clientOrderId, id, why)
  }

  async #wait(waitMs: number): Promise<void> {
    const { clock } = this.#parts
    if (waitMs > 0) await new Promise<void>((resolve) => void clock.at(clock.now() + waitMs, resolve))
  }

  /** Asks for a cancel; answers why it was refused, where it was. */
  async #cancelled(order: AlpacaOrder): Promise<Explanation | undefined> {
    this.#parts.tracker.noteCancel(order.id)
    const stop = isTarget(order) && statusOf(order, false) !== 'open' ? stopOf(order) : undefined
    try {
      // A pair goes with its target; of what is left of one the stop is cancelled.
      await this.#parts.client.cancel(stop?.id ?? order.id)
      return undefined
    } catch (thrown) {
      const refusal = refusalIn(thrown)
      if (refusal === undefined) throw thrown
      return explainRefusal(refusal, undefined, undefined)
    }
  }
}
