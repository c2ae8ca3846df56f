import { type Explanation, type RefusalDesk, refusalIn } from '@tradeswarm/broker-kit'
import { type Logger, messageOf } from '@tradeswarm/core'
import { explainRefusal } from './explain-refusal.js'
import type { OrderFinder, Sighting } from './order-finder.js'
import type { OrderTracker } from './order-tracker.js'
import type { OkxAlgo, OkxOrder } from './parse-order.js'
import { childIdsOf, childrenOf, type TrackedOrder } from './tracked-order.js'
import type { TradingClient } from './trading-client.js'
import { isSetOff, stateIsOpen } from './venue-order.js'

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
    const { tracker, finder, refusals, note } = this.#parts
    const known = tracker.named(name)
    const wasLive = known?.hasEnded === false
    if (wasLive && (await this.#cancelled(targetsOf(known), known)) === undefined) return
    // Not known here, or refused: what is known may be old.
    const seen = await finder.see(name, 'cancel')
    if (seen === undefined) return refusals.cancel(name, '', unknownOrder)
    const found = seen.kind === 'algo' ? seen.algo : seen.order
    const { id } = found
    // It was asked for, and the answer lost: what was refused is the repetition.
    if (wasLive && found.state === 'canceled') {
      setCancelled(tracker.known(id), true)
      return note(found)
    }
    const why = await this.#cancelled(targetsSeen(seen), tracker.known(id))
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
        await this.#requestAll(targetsOf(tracked))
      } catch (thrown) {
        logger.warn('an order whose time is over could not be cancelled yet', {
          venueOrderId: tracked.id,
          error: messageOf(thrown),
        })
      }
    }
  }

  /** Asks for a cancel; answers why it was refused, where it was. */
  async #cancelled(targets: readonly Target[], tracked: TrackedOrder | undefined): Promise<Explanation | undefined> {
    // One that was taken note of before has its effect, whatever becomes of this one.
    const before = tracked?.wasCancelled ?? false
    setCancelled(tracked, true)
    const why = await this.#requestAll(targets)
    if (why !== undefined) setCancelled(tracked, before)
    return why
  }

  /** All are asked for, whatever becomes of some. Refused where each was: of several that a stop has become some may have filled. */
  async #requestAll(targets: readonly Target[]): Promise<Explanation | undefined> {
    const answers = await Promise.allSettled(targets.map((target) => this.#request(target)))
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
    const told = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : undefined))
    return told.includes(undefined) ? undefined : told[0]
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

function targetsOf(tracked: TrackedOrder): readonly Target[] {
  const { symbol, kind, id, order, algo } = tracked
  const isChild = order !== undefined && (kind === 'order' || algo === undefined || isSetOff(algo))
  return isChild ? liveOf(symbol, childIdsOf(tracked), childrenOf(tracked)) : [{ symbol, algoId: id }]
}

function targetsSeen(seen: Sighting): readonly Target[] {
  if (seen.kind === 'order') return [{ symbol: seen.order.symbol, orderId: seen.order.id }]
  const { algo, children } = seen
  const { symbol, id: algoId } = algo
  if (children.length === 0 || !isSetOff(algo)) return [{ symbol, algoId }]
  return liveOf(symbol, [...new Set([...algo.childIds, ...children.map(({ id }) => id)])], children)
}

/** Those of several orders that are not known to have ended; where all have, the first, for the venue to say so. */
function liveOf(symbol: string, ids: readonly string[], known: readonly OkxOrder[]): readonly Target[] {
  const ended = new Set(known.filter((child) => !stateIsOpen(child)).map(({ id }) => id))
  const live = ids.filter((id) => !ended.has(id))
  return (live.length === 0 ? ids.slice(0, 1) : live).map((orderId) => ({ symbol, orderId }))
}

function setCancelled(tracked: TrackedOrder | undefined, isSo: boolean): void {
  if (tracked !== undefined) tracked.wasCancelled = isSo
}
