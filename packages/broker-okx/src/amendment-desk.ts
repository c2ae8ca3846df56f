import {
  type Explanation,
  isUnanswered,
  outcomeOf,
  type RefusalDesk,
  refusalIn,
  requestFault,
} from '@tradeswarm/broker-kit'
import type { Clock } from '@tradeswarm/core'
import type { OrderRequest } from '@tradeswarm/trading'
import { explainRefusal } from './explain-refusal.js'
import type { InstrumentBook } from './instrument-book.js'
import { algoAmendmentWire, amendmentWire } from './map-order.js'
import { isUnchanged, okxErrors } from './okx-error.js'
import type { OrderFinder } from './order-finder.js'
import type { OrderTracker } from './order-tracker.js'
import type { OkxSettings } from './parse-okx-options.js'
import type { OkxAlgo, OkxOrder } from './parse-order.js'
import { pendingOf } from './revision-book.js'
import type { TrackedOrder } from './tracked-order.js'
import type { TradingClient } from './trading-client.js'
import { isSetOff } from './venue-order.js'

export type AmendmentDeskParts = {
  readonly settings: OkxSettings
  readonly client: TradingClient
  readonly tracker: OrderTracker
  readonly finder: OrderFinder
  readonly book: InstrumentBook
  readonly refusals: RefusalDesk
  /** Our clock. */
  readonly clock: Clock
  /** Takes an order as it is known now, and waits until that has been told. */
  readonly note: (found: OkxOrder | OkxAlgo) => Promise<void>
  /** Waits until what is known has been told, unless the caller is being told something itself. */
  readonly told: () => Promise<void>
}

/** What an answer may take longer than the venue's deadline. */
const afterDeadlineMs = 250
const unknownOrder: Explanation = { code: 'ORDER_NOT_FOUND', message: 'OKX knows no such order' }

/** Amends orders in place, each amendment sent once, and finds out what became of it by the terms that the order has. */
export class AmendmentDesk {
  readonly #parts: AmendmentDeskParts

  constructor(parts: AmendmentDeskParts) {
    this.#parts = parts
  }

  /** Throws as a placement does. `permit` uses up what the amendment is allowed with, once the order was looked up, which may take its time. */
  async amend(name: string, request: OrderRequest, permit: () => void): Promise<void> {
    const { tracker, refusals, clock, settings } = this.#parts
    const { clientOrderId: by } = request
    const tracked = await this.#find(name)
    permit()
    // From here on: what waits for its turn too long is dropped by the venue.
    const deadline = clock.now() + settings.requestLifetimeMs
    if (tracker.named(by) !== undefined) throw okxErrors.duplicate(by)
    if (tracked === undefined) return refusals.amendment(name, '', by, unknownOrder)
    const fault = requestFault(request, settings.account) ?? faultOf(tracked, request)
    if (fault !== undefined) return refusals.amendment(name, tracked.id, by, fault)
    tracker.expect(tracked, pendingOf(request))
    try {
      const sending = this.#send(tracked, request, deadline)
      await outcomeOf(sending, by, {
        venue: 'OKX',
        waitsMs: settings.outcomeWaitsMs,
        clock: settings.connection.clock,
        find: () => this.#look(tracked, by),
        notBefore: tracked.kind === 'algo' ? 0 : deadline + afterDeadlineMs,
      })
    } catch (thrown) {
      const refusal = refusalIn(thrown)
      if (refusal === undefined) {
        // Of one that nobody answered, the order's terms will tell.
        if (!isUnanswered(thrown)) tracker.drop(by)
        throw thrown
      }
      if (isUnchanged(refusal)) tracker.take(tracked, by, clock.now())
      else if (tracker.drop(by))
        await refusals.amendment(
          name,
          tracked.id,
          by,
          explainRefusal(refusal, request, this.#parts.book.listing(request.symbol)),
        )
    }
    await this.#parts.told()
  }

  async #send(tracked: TrackedOrder, request: OrderRequest, deadline: number): Promise<true> {
    const { client, tracker, clock } = this.#parts
    const { algo, order } = tracked
    const algoWire = algo === undefined ? undefined : algoAmendmentWire(request, algo)
    const wire = algo !== undefined || order === undefined ? undefined : amendmentWire(request, order)
    if (algoWire !== undefined) await client.amendAlgo(algoWire)
    else if (wire !== undefined) await client.amend(wire, deadline)
    // It has these terms: there is nothing to ask for.
    else tracker.take(tracked, request.clientOrderId, clock.now())
    return true
  }

  /** Whether the order stands at the terms of an amendment; undefined where it does not yet. */
  async #look({ kind, id, symbol, order }: TrackedOrder, by: string): Promise<true | undefined> {
    const { client, note, tracker } = this.#parts
    const seen = kind === 'algo' ? await client.algo(id) : await client.order(symbol, order?.id ?? id)
    if (seen !== undefined) await note(seen)
    return tracker.revisions.of(by)?.pending?.by === by ? undefined : true
  }

  /** The order under a name, which was perhaps placed in another life. */
  async #find(name: string): Promise<TrackedOrder | undefined> {
    const { tracker, finder, note } = this.#parts
    const known = tracker.named(name)
    if (known !== undefined) return known
    const seen = await finder.see(name)
    if (seen === undefined) return undefined
    if (seen.kind === 'order') await note(seen.order)
    else await note(seen.algo)
    return tracker.named(name)
  }
}

function faultOf(
  { hasEnded, kind, order, algo, symbol }: TrackedOrder,
  request: OrderRequest,
): Explanation | undefined {
  if (hasEnded) return { code: 'ORDER_NOT_OPEN', message: 'it has ended: nothing is left to amend' }
  if (request.symbol !== symbol || request.side !== (algo ?? order)?.side)
    return { code: 'INVALID_ORDER', message: 'symbol, side: an amendment changes quantity and prices only' }
  const isPlain = kind === 'order' && request.type === 'limit' && order?.price !== undefined
  const isStop = request.type === 'stop' || request.type === 'stop-limit'
  if (isPlain) return undefined
  if (algo !== undefined && isStop && algo.type !== 'move_order_stop' && !isSetOff(algo) && order === undefined)
    return undefined
  return {
    code: 'ORDER_NOT_AMENDABLE',
    message: 'OKX amends limit orders and stops that wait, nothing else: cancel it and send another',
  }
}
