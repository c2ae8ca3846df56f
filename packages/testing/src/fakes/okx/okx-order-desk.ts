import type { Clock, EpochMs, Timers } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, zero } from '@tradeswarm/trading'
import type { PriceType } from './attached-algo.js'
import { checkAttached } from './check-attached.js'
import { amendRefusalOf, refusalOf } from './engine-refusals.js'
import type { OkxItem } from './envelope.js'
import { isOpen, type OkxOrder, type OkxOrigin, type OkxTerms } from './okx-order.js'
import {
  emptyParameter,
  isRefusal,
  noFunds,
  noInstrument,
  type OkxRefusal,
  refuse,
  wrongParameter,
} from './okx-refusal.js'
import type { OkxVenue } from './okx-venue.js'
import type { PriceBand } from './price-band.js'
import { amountOf, isClientId, textOf } from './read-fields.js'
import { type Body, checkSize, checkWorth, type OrderRules, readOrder } from './read-order.js'
import { preventSelfTrade } from './self-trade.js'

export type OrderDeskParts = {
  readonly venue: OkxVenue
  readonly rules: OrderRules
  readonly band: PriceBand
  /** The best price of the other side, as far as it is known. */
  readonly farSide: (instId: string, side: 'buy' | 'sell') => Decimal | undefined
  /** The price that sets an exit of a side off, as far as it is known. */
  readonly exitPrice: (instId: string, type: PriceType, side: 'buy' | 'sell') => Decimal | undefined
  /** Whether an algo order that waits goes by an id. */
  readonly hasAlgo: (algoClOrdId: string) => boolean
  readonly cancelDelayMs: number
  readonly timers: Clock & Timers
  /** The venue's clock, skewed as it may be. */
  readonly shownNow: () => EpochMs
}

const mostPending = 4_000
/** A market order freezes about a twentieth more than it costs. */
const frozen = decimal('1.05')
const mostPendingOfOne = 500

/** Takes, amends and cancels orders as the trading API does; each answer is one item of a request's answer. */
export class OkxOrderDesk {
  readonly #parts: OrderDeskParts
  readonly #canceling = new Set<OkxOrder>()

  constructor(parts: OrderDeskParts) {
    this.#parts = parts
  }

  /** `POST /api/v5/trade/order`, and one item of a batch. */
  async place(body: Body): Promise<OkxItem> {
    const { rules } = this.#parts
    const terms = readOrder(body, rules)
    const answer = isRefusal(terms)
      ? terms
      : await this.placeTerms(terms, undefined, textOf(body, 'pxAmendType') === '1')
    const common = { clOrdId: textOf(body, 'clOrdId'), tag: textOf(body, 'tag') }
    return this.#item(common, isRefusal(answer) ? answer : answer.ordId)
  }

  /** An item of a batch under an id that another one of the same batch has. */
  refuseRepeated(body: Body): OkxItem {
    const common = { clOrdId: textOf(body, 'clOrdId'), tag: textOf(body, 'tag') }
    return this.#item(common, refuse('51016', 'Client order ID already exists.'))
  }

  /** Places an order of which the terms are known to be in form. */
  async placeTerms(terms: OkxTerms, origin?: OkxOrigin, movesPrice = false): Promise<OkxOrder | OkxRefusal> {
    const { venue, band, farSide } = this.#parts
    if (terms.clOrdId !== '' && venue.hasLive(terms.clOrdId)) return refuse('51016', 'Client order ID already exists.')
    const priced = band.hold(terms, movesPrice)
    if (isRefusal(priced)) return priced
    const misfit = this.#checkAttached(priced)
    if (misfit !== undefined) return misfit
    const open = venue.open()
    const ofOne = open.filter((order) => order.terms.listing === terms.listing)
    if (open.length >= mostPending || ofOne.length >= mostPendingOfOne)
      return refuse('51025', 'Order count exceeds the limit.')
    const far = farSide(terms.listing.instId, terms.side)
    // An amount of currency is held to the least quantity by what the market offers.
    if (terms.tgtCcy === 'quote_ccy' && far !== undefined && terms.size.lt(terms.listing.minimum.times(far)))
      return refuse('51020', 'Your order should meet or exceed the minimum order amount.')
    const beyond = this.#checkMarket(terms, far)
    if (beyond !== undefined) return beyond
    const stopped = await preventSelfTrade(priced, ofOne, far, venue)
    if (stopped !== undefined) return stopped
    const placed = await venue.place(priced, origin)
    return 'ordId' in placed ? placed : refusalOf(placed, priced, venue)
  }

  #checkAttached(terms: OkxTerms): OkxRefusal | undefined {
    const { hasAlgo, exitPrice } = this.#parts
    if (terms.attached.some(({ attachAlgoClOrdId: id }) => id !== '' && (hasAlgo(id) || this.willAttach(id))))
      return refuse('51065', 'algoClOrdId already exists.')
    return checkAttached(terms, (type, side) => exitPrice(terms.listing.instId, type, side))
  }

  /** Whether an open order brings an algo order of this id. */
  willAttach(algoClOrdId: string): boolean {
    const open = this.#parts.venue.open()
    return open.some(({ terms }) => terms.attached.some((one) => one.attachAlgoClOrdId === algoClOrdId))
  }

  /** What trades coins at the market's price is held to a bound of its worth; what buys them freezes a part more than they cost now. */
  #checkMarket({ listing, side, ordType, tgtCcy, size }: OkxTerms, far: Decimal | undefined): OkxRefusal | undefined {
    const isInCoins = listing.instType === 'SPOT' && ordType === 'market' && tgtCcy === 'base_ccy'
    if (!isInCoins || far === undefined) return undefined
    const worth = size.times(far)
    if (worth.gt(listing.maximumMarket))
      return refuse('51201', `The value of a market order can't exceed ${decimalText(listing.maximumMarket)}.`)
    if (side === 'sell') return undefined
    const free = decimal(this.#parts.venue.balance(listing.quote).free)
    return worth.times(frozen).gt(free) ? noFunds(listing.quote) : undefined
  }

  /** `POST /api/v5/trade/cancel-order`, and one item of a batch: accepted, and carried out later. */
  async cancel(body: Body): Promise<OkxItem> {
    const order = this.#named(body)
    const ids = { clOrdId: textOf(body, 'clOrdId') }
    const done = refuse('51400', 'Order cancellation failed as the order has been filled, canceled or does not exist.')
    if (isRefusal(order))
      return this.#item({ ...ids, ordId: textOf(body, 'ordId') }, order.code === '51603' ? done : order)
    const named = { clOrdId: order.terms.clOrdId, ordId: order.ordId }
    if (!isOpen(order)) return this.#item(named, done)
    if (this.#canceling.has(order)) {
      const message = 'Cancellation failed as the order is already in canceling status or pending settlement.'
      return this.#item(named, refuse('51410', message))
    }
    await this.#beginCancel(order)
    return this.#item(named, order.ordId)
  }

  /** `POST /api/v5/trade/amend-order`, and one item of a batch. */
  async amend(body: Body): Promise<OkxItem> {
    const order = this.#named(body)
    const reqId = textOf(body, 'reqId')
    const ids = { clOrdId: textOf(body, 'clOrdId'), ordId: textOf(body, 'ordId'), reqId }
    if (isRefusal(order)) return this.#item(ids, order.code === '51603' ? finished() : order)
    const named = { clOrdId: order.terms.clOrdId, ordId: order.ordId, reqId }
    const refusal = await this.#amendTo(order, body, reqId)
    if (refusal === undefined) return this.#item(named, order.ordId)
    if (String(body['cxlOnFail']) === 'true') await this.#parts.venue.cancel(order, '1')
    return this.#item(named, refusal)
  }

  /** Cancels all that is open (of a tag, where there is one), for a reason of the venue's. */
  async cancelAll(why: string, tag = ''): Promise<void> {
    for (const order of this.#parts.venue.open())
      if (tag === '' || order.terms.tag === tag) await this.#parts.venue.cancel(order, why)
  }

  async #beginCancel(order: OkxOrder): Promise<void> {
    const { cancelDelayMs, timers, venue } = this.#parts
    if (cancelDelayMs === 0) {
      await venue.cancel(order, '1')
      return
    }
    this.#canceling.add(order)
    timers.at(timers.now() + cancelDelayMs, async () => {
      this.#canceling.delete(order)
      await venue.cancel(order, '1')
    })
  }

  async #amendTo(order: OkxOrder, body: Body, reqId: string): Promise<OkxRefusal | undefined> {
    const { venue, band } = this.#parts
    if (reqId !== '' && !isClientId(reqId)) return wrongParameter('reqId')
    const [size, price] = [amountOf(body, 'newSz'), amountOf(body, 'newPx')]
    if (isRefusal(size)) return size
    if (isRefusal(price)) return price
    // Attached exits are not amended here.
    if (body['attachAlgoOrds'] !== undefined) return wrongParameter('attachAlgoOrds')
    if (size === undefined && price === undefined) return refuse('51500', 'You must enter a price, quantity, or TP/SL')
    if (!isOpen(order)) return finished()
    const { terms } = order
    const listing = terms.listing
    if (terms.price === undefined) return refuse('51506', 'Order modification unavailable for the order type.')
    if (size?.lte(order.filled) && !order.filled.eq(zero)) {
      await venue.finish(order, reqId)
      return undefined
    }
    const next = { ...terms, size: size ?? terms.size, price: price ?? terms.price }
    const misfit = checkSize(listing, next.size, listing.maximumLimit) ?? checkWorth(next)
    if (misfit !== undefined) return misfit
    const priced = band.hold(next, textOf(body, 'pxAmendType') === '1')
    if (isRefusal(priced)) return priced
    const past = checkAttached(priced, () => undefined)
    if (past !== undefined) return past
    const refused = await venue.amend(order, priced, reqId)
    return refused === undefined ? undefined : amendRefusalOf(refused, priced, venue)
  }

  #named(body: Body): OkxOrder | OkxRefusal {
    const [ordId, clOrdId] = [textOf(body, 'ordId'), textOf(body, 'clOrdId')]
    const { rules, venue } = this.#parts
    const listing = rules.instruments.named(body)
    if (listing === undefined) return textOf(body, 'instId') === '' ? emptyParameter('instId') : noInstrument()
    if (ordId === '' && clOrdId === '') return refuse('51407', 'Either order ID or client order ID is required.')
    return venue.find(listing.instId, ordId, clOrdId) ?? refuse('51603', 'Order does not exist.')
  }

  /** An item of an answer: with the order's id where it was taken, else with the refusal. */
  #item(fields: Readonly<Record<string, string>>, outcome: string | OkxRefusal): OkxItem {
    const ts = String(this.#parts.shownNow())
    if (typeof outcome === 'string') return { ordId: outcome, ...fields, ts, sCode: '0', sMsg: '' }
    const { code, message, subCode } = outcome
    const more = subCode === undefined ? {} : { subCode }
    return { ordId: '', ...fields, ts, sCode: code, sMsg: message, ...more }
  }
}

const finished = (): OkxRefusal => refuse('51503', 'Your order has already been filled or canceled.')
