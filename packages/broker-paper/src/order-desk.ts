import type { EpochMs } from '@tradeswarm/core'
import { type OrderRequest, zero } from '@tradeswarm/trading'
import type { EventWord } from './event-outbox.js'
import type { HaltBoard } from './halt-board.js'
import type { MatchingEngine } from './matching-engine.js'
import { type Admission, type AdmissionContext, admitOrder } from './order-admission.js'
import { checkAmendedSize, checkAmendment, keepsPriority } from './order-amendment.js'
import type { OrderExecutor, VenueContext } from './order-executor.js'
import type { Refusal } from './order-form.js'
import { type RestingOrder, reservedAsset, setAsideIn } from './resting-order.js'
import type { VenueSchedule } from './venue-schedule.js'

/** What the order desk works with. */
export type OrderDeskParts = {
  readonly venue: VenueContext
  readonly engine: MatchingEngine
  readonly executor: OrderExecutor
  readonly schedule: VenueSchedule
  readonly halts: HaltBoard
}

/** Takes orders, cancels and amendments as they arrive at the venue. */
export class OrderDesk {
  readonly #parts: OrderDeskParts
  readonly #admission: AdmissionContext
  #sequence = 0

  constructor(parts: OrderDeskParts) {
    this.#parts = parts
    const { settings, account, book } = parts.venue
    this.#admission = {
      settings,
      account,
      expectedPrice: (symbol, side, time) => {
        const market = book.knownMarket(symbol)
        return market === undefined ? undefined : parts.engine.expectedPrice(market, side, time)
      },
      isHalted: (symbol, time) => parts.halts.isHalted(book.market(symbol), time),
    }
  }

  /** The next place among all that happens at the venue. */
  nextSequence(): number {
    this.#sequence += 1
    return this.#sequence
  }

  arrive(request: OrderRequest, time: EpochMs): void {
    const answer = admitOrder(request, { time, alreadyFilled: zero }, this.#admission)
    if (answer.status === 'refused') this.#reject(request, answer, time)
    else this.#accept(request, answer, time)
  }

  cancel(clientOrderId: string, time: EpochMs): void {
    const order = this.#parts.venue.book.resting(clientOrderId)
    if (order?.status === 'open') {
      this.#parts.executor.end(order, 'canceled', time)
      order.market.sweep()
      return
    }
    const [venueOrderId, { code, message }] = this.#notOpen(clientOrderId)
    this.#say(clientOrderId, venueOrderId, time, { type: 'cancel-rejected', code, message })
  }

  amend(clientOrderId: string, request: OrderRequest, time: EpochMs): void {
    const by = request.clientOrderId
    const order = this.#parts.venue.book.resting(clientOrderId)
    if (order?.status !== 'open') {
      const [venueOrderId, { code, message }] = this.#notOpen(clientOrderId)
      this.#remember(request, '')
      this.#say(clientOrderId, venueOrderId, time, { type: 'replace-rejected', by, code, message })
      return
    }
    const answer = this.#admitAmendment(order, request, time)
    if (answer.status === 'admitted') {
      this.#revise(order, request, answer, time)
      return
    }
    const { code, message } = answer
    this.#remember(request, '')
    this.#parts.executor.emit(order, time, { type: 'replace-rejected', by, code, message })
  }

  /** Why an amendment would be refused; undefined where it would be taken. */
  refusalOfAmendment(
    clientOrderId: string,
    request: OrderRequest,
    time: EpochMs,
  ): Pick<Refusal, 'code' | 'message'> | undefined {
    const order = this.#parts.venue.book.resting(clientOrderId)
    if (order?.status !== 'open') return this.#notOpen(clientOrderId)[1]
    const answer = this.#admitAmendment(order, request, time)
    return answer.status === 'admitted' ? undefined : { code: answer.code, message: answer.message }
  }

  /** What the order itself has set aside counts as free for its amendment. */
  #admitAmendment(order: RestingOrder, request: OrderRequest, time: EpochMs): Admission | Refusal {
    const { account } = this.#parts.venue
    const refusal = checkAmendment(order, request)
    if (refusal !== undefined) return refusal
    account.release(reservedAsset(order), order.reserved)
    const answer = admitOrder(request, { time, alreadyFilled: order.filled }, this.#admission)
    account.reserve(reservedAsset(order), order.reserved)
    if (answer.status === 'refused') return answer
    return checkAmendedSize(order, answer.amounts) ?? answer
  }

  #revise(order: RestingOrder, request: OrderRequest, { amounts, reserved }: Admission, time: EpochMs): void {
    const { account, book } = this.#parts.venue
    const stays = keepsPriority(order, amounts, request)
    this.#parts.executor.emit(order, time, { type: 'replaced', by: request.clientOrderId })
    account.release(reservedAsset(order), order.reserved)
    order.reserved = reserved
    account.reserve(reservedAsset(order), reserved)
    book.revise(order, request, amounts.quantity)
    this.#expireAt(order)
    if (stays) return
    order.limitPrice = amounts.limitPrice
    order.targetPrice = amounts.targetPrice
    order.stopPrice = amounts.stopPrice
    order.trail = amounts.trail
    order.sequence = this.nextSequence()
    order.acceptedAt = time
    order.met = false
    book.requeue(order)
    this.#parts.engine.onArrival(order)
  }

  #accept(request: OrderRequest, { listing, amounts, reserved }: Admission, time: EpochMs): void {
    const { account, book, ids } = this.#parts.venue
    const { type, side, symbol } = request
    const order: RestingOrder = {
      request,
      listing,
      market: book.market(symbol),
      venueOrderId: ids.next('paper-order'),
      sequence: this.nextSequence(),
      acceptedAt: time,
      status: 'open',
      quantity: amounts.quantity,
      limitPrice: amounts.limitPrice,
      targetPrice: amounts.targetPrice,
      stopPrice: amounts.stopPrice,
      trail: amounts.trail,
      filled: zero,
      busted: zero,
      hasFills: false,
      armed: type !== 'market' && type !== 'limit',
      met: false,
      reserved,
      former: undefined,
    }
    account.reserve(setAsideIn(listing, side), reserved)
    book.add(order)
    this.#parts.executor.emit(order, time, { type: 'accepted' })
    this.#expireAt(order)
    this.#parts.engine.onArrival(order)
  }

  #expireAt(order: RestingOrder): void {
    const { request } = order
    if (request.expiresAt === undefined) return
    this.#parts.schedule.addExpiry(request.expiresAt, (time) => {
      // An amended order goes by its last terms.
      if (order.status !== 'open' || order.request !== request) return
      this.#parts.executor.end(order, 'expired', time)
      order.market.sweep()
    })
  }

  #reject(request: OrderRequest, { code, message }: Refusal, time: EpochMs): void {
    const venueOrderId = this.#parts.venue.ids.next('paper-order')
    this.#remember(request, venueOrderId)
    this.#say(request.clientOrderId, venueOrderId, time, { type: 'rejected', code, message })
  }

  /** An id that was turned away is taken all the same; that of an amendment belongs to no order of the venue's. */
  #remember({ clientOrderId, symbol, quantity }: OrderRequest, venueOrderId: string): void {
    this.#parts.venue.book.refuse({
      clientOrderId,
      venueOrderId,
      symbol,
      status: 'rejected',
      quantity,
      filledQuantity: '0',
    })
  }

  #notOpen(clientOrderId: string): readonly [venueOrderId: string, why: { code: string; message: string }] {
    const known = this.#parts.venue.book.find(clientOrderId)
    if (known === undefined) {
      return ['', { code: 'ORDER_NOT_FOUND', message: `no order "${clientOrderId}" is known here` }]
    }
    return [known.venueOrderId, { code: 'ORDER_NOT_OPEN', message: `order "${clientOrderId}" is ${known.status}` }]
  }

  #say(clientOrderId: string, venueOrderId: string, time: EpochMs, word: EventWord): void {
    const { ids, outbox } = this.#parts.venue
    outbox.push({ eventId: ids.next('paper-event'), clientOrderId, venueOrderId, time, ...word })
  }
}
