import { type Explanation, type RefusalDesk, refusalIn } from '@tradeswarm/broker-kit'
import { type Logger, messageOf } from '@tradeswarm/core'
import { explainRefusal } from './explain-refusal.js'
import type { OrderFinder } from './order-finder.js'
import type { OrderTracker } from './order-tracker.js'
import type { OkxAlgo, OkxOrder } from './parse-order.js'
import type { TrackedOrder } from './tracked-order.js'
import type { TradingClient } from './trading-client.js'
import { isSetOff } from './venue-order.js'

export type CancelDeskParts = {
  readonly client: TradingClient
  readonly tracker: OrderTracker
  readonly finder: OrderFinder
  readonly refusals: RefusalDesk
  readonly note: (found: OkxOrder | OkxAlgo) => Promise<void>
}

/** What is to be cancelled, as far as the venue must know it. */
type Target = { readonly symbol: string; readonly orderId?: string | undefined; readonly algoId?: string | undefined }

const unknownOrder: Explanation = { code: 'ORDER_NOT_FOUND', message: 'OKX knows no such order' }
const alreadyCancelling = '51410'

/** Cancels orders, and what algo orders have become. */
export class CancelDesk {
  readonly #parts: CancelDeskParts

  constructor(parts: CancelDeskParts) {
    this.#parts = parts
  }

  async cancel(name: string): Promise<void> {
    const { tracker, finder, refusals } = this.#parts
    const known = tracker.named(name)
    if (known?.hasEnded === false && (await this.#cancelled(targetOf(known), known)) === undefined) return
    // Not known here, or refused: what is known may be old.
    const seen = await finder.see(name, 'cancel')
    if (seen === undefined) return refusals.cancel(name, '', unknownOrder)
    const { algo, child } = seen.kind === 'algo' ? seen : { algo: undefined, child: seen.order }
    const id = algo?.id ?? child?.id ?? ''
    const isChild = child !== undefined && (algo === undefined || isSetOff(algo))
    const symbol = algo?.symbol ?? child?.symbol ?? ''
    const target: Target = isChild ? { symbol, orderId: child.id } : { symbol, algoId: algo?.id }
    const why = await this.#cancelled(target, tracker.known(id))
    if (why !== undefined) await refusals.cancel(name, id, why)
  }

  /** Cancels whatever is open, and answers how many the venue took note of. Throws the first failure when all have been asked for. */
  async cancelAll(): Promise<number> {
    const { client, tracker } = this.#parts
    const [orders, algos] = await Promise.all([client.openOrders(), client.openAlgos()])
    for (const { id } of [...orders, ...algos]) setCancelled(tracker.known(id), true)
    const asked = [
      client.cancelMany(orders),
      ...algos.map(({ symbol, id: algoId }) => this.#request({ symbol, algoId })),
    ]
    // All are asked for, whatever becomes of some.
    const [cancelled, ...answers] = await Promise.allSettled(asked)
    const failed = [cancelled, ...answers].find((answer) => answer?.status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
    const taken = answers.filter((answer) => answer.status === 'fulfilled' && answer.value === undefined)
    return orders.length + taken.length
  }

  /** Cancels orders whose time is over. Never throws. */
  async endLapsed(orders: readonly TrackedOrder[], logger: Logger): Promise<void> {
    for (const tracked of orders) {
      tracked.hasLapsed = true
      try {
        await this.#request(targetOf(tracked))
      } catch (thrown) {
        logger.warn('an order whose time is over could not be cancelled yet', {
          venueOrderId: tracked.id,
          error: messageOf(thrown),
        })
      }
    }
  }

  /** Asks for a cancel; answers why it was refused, where it was. */
  async #cancelled(target: Target, tracked: TrackedOrder | undefined): Promise<Explanation | undefined> {
    setCancelled(tracked, true)
    const why = await this.#request(target)
    if (why !== undefined) setCancelled(tracked, false)
    return why
  }

  async #request({ symbol, orderId, algoId }: Target): Promise<Explanation | undefined> {
    const { client } = this.#parts
    try {
      if (orderId !== undefined) await client.cancel(symbol, orderId)
      else if (algoId !== undefined) await client.cancelAlgo(symbol, algoId)
      return undefined
    } catch (thrown) {
      const refusal = refusalIn(thrown)
      if (refusal === undefined) throw thrown
      return refusal.venueCode === alreadyCancelling ? undefined : explainRefusal(refusal, undefined, undefined)
    }
  }
}

function targetOf({ symbol, kind, id, order, algo }: TrackedOrder): Target {
  const isChild = order !== undefined && (kind === 'order' || algo === undefined || isSetOff(algo))
  return isChild ? { symbol, orderId: order.id } : { symbol, algoId: id }
}

function setCancelled(tracked: TrackedOrder | undefined, isSo: boolean): void {
  if (tracked !== undefined) tracked.wasCancelled = isSo
}
