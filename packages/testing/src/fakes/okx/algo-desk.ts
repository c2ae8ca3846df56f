import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, roundToStep, zero } from '@tradeswarm/trading'
import { type AlgoOrder, type AlgoTerms, algoChannel, algoJson, trailingLevel } from './algo-order.js'
import { checkDirections, hasReached, triggerPrice } from './algo-prices.js'
import type { PriceType, TriggerLeg } from './attached-algo.js'
import type { OkxItem } from './envelope.js'
import { type MarginMode, marginModeOf } from './margin-mode.js'
import type { OkxListing } from './okx-instruments.js'
import type { InstrumentMarket, OkxMarket } from './okx-market.js'
import type { OkxOrder, OkxTerms } from './okx-order.js'
import type { OkxOrderDesk } from './okx-order-desk.js'
import { isRefusal, type OkxRefusal, refuse } from './okx-refusal.js'
import type { OkxVenue } from './okx-venue.js'
import { readAlgo } from './read-algo.js'
import { amendedAlgo } from './read-algo-amendment.js'
import { textOf } from './read-fields.js'
import type { Body, OrderRules } from './read-order.js'
import type { VenueIds } from './venue-ids.js'

export type AlgoDeskParts = {
  readonly venue: OkxVenue
  readonly desk: OkxOrderDesk
  readonly market: OkxMarket
  readonly rules: OrderRules
  readonly ids: VenueIds
  readonly leverOf: (instId: string, mode: MarginMode) => string
  readonly now: () => EpochMs
  /** One message of a channel of algo orders. */
  readonly publish: (channel: string, listing: OkxListing, json: object) => void
}

const sources: Readonly<Record<AlgoTerms['ordType'], string>> = {
  conditional: '7',
  oco: '7',
  trigger: '6',
  move_order_stop: '25',
}
/** How many may wait: of take-profits and stop-losses for each instrument. */
const most: Readonly<Record<AlgoTerms['ordType'], number>> = {
  conditional: 100,
  oco: 100,
  trigger: 500,
  move_order_stop: 50,
}

/** Takes, watches and sets off algo orders. */
export class AlgoDesk {
  readonly orders = new Map<string, AlgoOrder>()
  readonly #parts: AlgoDeskParts
  readonly #live = new Set<AlgoOrder>()

  constructor(parts: AlgoDeskParts) {
    this.#parts = parts
  }

  /** `POST /api/v5/trade/order-algo`. */
  place(body: Body): OkxItem {
    const terms = readAlgo(body, this.#parts.rules)
    const ids = { algoClOrdId: textOf(body, 'algoClOrdId'), algoId: '', clOrdId: '', tag: textOf(body, 'tag') }
    if (isRefusal(terms)) return item(ids, terms)
    const refused = this.#checkNew(terms)
    return refused === undefined ? item({ ...ids, algoId: this.#add(terms).algoId }) : item(ids, refused)
  }

  /** One item of `POST /api/v5/trade/cancel-algos`. */
  cancel(body: Body): OkxItem {
    const order = this.find(textOf(body, 'algoId'), textOf(body, 'algoClOrdId'))
    const ids = { algoClOrdId: textOf(body, 'algoClOrdId'), algoId: textOf(body, 'algoId'), clOrdId: '', tag: '' }
    const unknown = 'Order cancellation failed as the order has been filled, canceled or does not exist.'
    if (order === undefined || order.terms.listing.instId !== textOf(body, 'instId'))
      return item(ids, refuse('51400', unknown))
    const named = { ...ids, algoClOrdId: order.terms.algoClOrdId, algoId: order.algoId, tag: order.terms.tag }
    if (order.state === 'effective')
      return item(named, refuse('51416', "Order has been triggered and can't be canceled"))
    if (order.state !== 'live') return item(named, refuse('51400', unknown))
    this.#end(order, 'canceled')
    return item(named)
  }

  /** `POST /api/v5/trade/amend-algos`: terms of take-profits, stop-losses and triggers. */
  amend(body: Body): OkxItem {
    const [algoId, algoClOrdId, reqId] = [textOf(body, 'algoId'), textOf(body, 'algoClOrdId'), textOf(body, 'reqId')]
    const order = this.find(algoId, algoClOrdId)
    const ids = { algoClOrdId, algoId, reqId }
    if (order === undefined || order.terms.listing.instId !== textOf(body, 'instId'))
      return item(ids, refuse('51603', 'Order does not exist.'))
    const named = { algoClOrdId: order.terms.algoClOrdId, algoId: order.algoId, reqId }
    if (order.state !== 'live') return item(named, refuse('51503', 'Your order has already been filled or canceled.'))
    const terms = amendedAlgo(order.terms, body)
    if (isRefusal(terms)) return item(named, terms)
    const refused = checkDirections(terms, (type) => this.#priceNow(terms, type))
    if (refused !== undefined) return item(named, refused)
    order.terms = terms
    order.uTime = this.#parts.now()
    this.#tell(order, { amendResult: '0', reqId })
    return item(named)
  }

  /** By `algoId` where it is given, else the latest with that `algoClOrdId`. */
  find(algoId: string, algoClOrdId: string): AlgoOrder | undefined {
    if (algoId !== '') return this.orders.get(algoId)
    if (algoClOrdId === '') return undefined
    return [...this.orders.values()].findLast(({ terms }) => terms.algoClOrdId === algoClOrdId)
  }

  hasLive(algoClOrdId: string): boolean {
    return this.find('', algoClOrdId)?.state === 'live'
  }

  json(order: AlgoOrder): Record<string, unknown> {
    const { listing, tdMode } = order.terms
    const { market, leverOf } = this.#parts
    return algoJson(order, market.lastPrice(listing.instId), leverOf(listing.instId, marginModeOf(tdMode)))
  }

  /** What is attached to an order that has filled comes to life, for what it has brought. */
  attach({ terms, filled, fee, feeCcy }: OkxOrder): void {
    const { listing, side, tdMode, attached } = terms
    // A fee taken in coins leaves fewer of them.
    const net = feeCcy === listing.base && listing.instType === 'SPOT' ? filled.plus(fee) : filled
    for (const { attachAlgoClOrdId, takeProfit, stopLoss } of attached) {
      this.#add({
        listing,
        algoClOrdId: attachAlgoClOrdId,
        tag: terms.tag,
        side: side === 'buy' ? 'sell' : 'buy',
        ordType: takeProfit !== undefined && stopLoss !== undefined ? 'oco' : 'conditional',
        tdMode,
        size: roundToStep(net, listing.lot, 'down'),
        tgtCcy: listing.instType === 'SPOT' ? 'base_ccy' : '',
        reduceOnly: listing.instType === 'SWAP',
        endsWithPosition: listing.instType === 'SWAP',
        takeProfit,
        stopLoss,
        trigger: undefined,
        trail: undefined,
      })
    }
  }

  /** Sets off what a price of the market has reached; a trailing stop follows it. */
  async onPrice(market: InstrumentMarket, isTrade: boolean): Promise<void> {
    for (const order of this.#live) {
      if (order.terms.listing !== market.listing) continue
      const hit = this.#hit(order, market, isTrade)
      if (hit !== undefined) await this.#setOff(order, hit.leg, hit.side)
    }
  }

  /** Those that end with a position that is no longer there. */
  onPositionClosed(instId: string, mode: MarginMode): void {
    for (const order of this.#live) {
      const { endsWithPosition, listing, tdMode } = order.terms
      if (endsWithPosition && listing.instId === instId && marginModeOf(tdMode) === mode) this.#end(order, 'canceled')
    }
  }

  #checkNew(terms: AlgoTerms): OkxRefusal | undefined {
    const { algoClOrdId, ordType, listing, trail, side } = terms
    const live = [...this.#live]
    if (algoClOrdId !== '' && (this.hasLive(algoClOrdId) || this.#parts.desk.willAttach(algoClOrdId)))
      return refuse('51065', 'algoClOrdId already exists.')
    const kin = live.filter(
      (one) =>
        sources[one.terms.ordType] === sources[ordType] && (ordType === 'trigger' || one.terms.listing === listing),
    )
    if (kin.length >= most[ordType])
      return refuse(
        '51299',
        `Order did not go through. You can hold a maximum of ${most[ordType]} orders of this type.`,
      )
    const last = this.#priceNow(terms, 'last')
    const active = trail?.activePrice
    if (active !== undefined && last !== undefined && (side === 'sell' ? active.lte(last) : active.gte(last)))
      return side === 'sell'
        ? refuse('51258', 'The trigger price of a sell order must be higher than the last transaction price.')
        : refuse('51259', 'The trigger price of a buy order must be lower than the last transaction price.')
    return checkDirections(terms, (type) => this.#priceNow(terms, type))
  }

  #priceNow({ listing, side }: AlgoTerms, type: PriceType): Decimal | undefined {
    const { market } = this.#parts
    const found = market.find(listing.instId)
    return found === undefined ? undefined : triggerPrice(found, market, type, side, false)
  }

  #add(terms: AlgoTerms): AlgoOrder {
    const { ids, now } = this.#parts
    const price = this.#priceNow(terms, terms.trigger?.triggerType ?? 'last')
    const order: AlgoOrder = {
      algoId: ids.next(),
      terms,
      state: 'live',
      rises: terms.trigger !== undefined && price !== undefined && terms.trigger.trigger.gt(price),
      best: terms.trail?.activePrice === undefined ? price : undefined,
      ordId: '',
      actualSide: '',
      actualPx: '',
      actualSz: '0',
      failCode: '0',
      triggerTime: undefined,
      cTime: now(),
      uTime: now(),
    }
    this.orders.set(order.algoId, order)
    this.#live.add(order)
    this.#tell(order)
    return order
  }

  /** The leg that a price has set off; none of a trailing stop, which trades at the market's price. */
  #hit(
    order: AlgoOrder,
    market: InstrumentMarket,
    isTrade: boolean,
  ): { readonly leg: TriggerLeg | undefined; readonly side: '' | 'tp' | 'sl' } | undefined {
    const { side, takeProfit, stopLoss, trigger, trail } = order.terms
    const isReached = (leg: TriggerLeg | undefined, rises: boolean): boolean => {
      if (leg === undefined) return false
      const price = triggerPrice(market, this.#parts.market, leg.triggerType, side, isTrade)
      return price !== undefined && hasReached(price, leg.trigger, rises)
    }
    if (isReached(stopLoss, side === 'buy')) return { leg: stopLoss, side: 'sl' }
    if (isReached(takeProfit, side === 'sell')) return { leg: takeProfit, side: 'tp' }
    if (isReached(trigger, order.rises)) return { leg: trigger, side: '' }
    if (trail === undefined) return undefined
    const price = triggerPrice(market, this.#parts.market, 'last', side, isTrade)
    return price !== undefined && this.#follow(order, price) ? { leg: undefined, side: '' } : undefined
  }

  /** True where the price has come back to a trailing stop's level. */
  #follow(order: AlgoOrder, price: Decimal): boolean {
    const isSale = order.terms.side === 'sell'
    const { activePrice } = order.terms.trail ?? {}
    if (order.best === undefined) {
      if (activePrice === undefined || hasReached(price, activePrice, isSale)) order.best = price
      return false
    }
    const level = trailingLevel(order)
    if (level !== undefined && hasReached(price, level, !isSale)) return true
    if (isSale ? price.gt(order.best) : price.lt(order.best)) order.best = price
    return false
  }

  async #setOff(order: AlgoOrder, leg: TriggerLeg | undefined, side: '' | 'tp' | 'sl'): Promise<void> {
    const { venue, desk, now } = this.#parts
    const { terms, algoId } = order
    const { listing, algoClOrdId, tag, tdMode } = terms
    this.#live.delete(order)
    order.triggerTime = now()
    order.actualSide = side
    const held = venue.positions.units(listing.instId, marginModeOf(tdMode)).abs()
    const size = terms.size ?? held
    const isMarket = leg?.price === undefined
    const child: OkxTerms = {
      listing,
      // As a captured push of such an order names it.
      clOrdId: `${algoId}_0`,
      tag,
      side: terms.side,
      ordType: isMarket ? 'market' : 'limit',
      tdMode,
      size,
      price: leg?.price,
      tgtCcy: isMarket ? terms.tgtCcy : '',
      reduceOnly: terms.reduceOnly,
      stpMode: 'cancel_maker',
      attached: [],
    }
    const origin = { source: sources[terms.ordType], algoId, algoClOrdId }
    const placed = size.eq(zero)
      ? refuse('51169', 'There is no position to close.')
      : await desk.placeTerms(child, origin)
    order.uTime = now()
    if (isRefusal(placed)) {
      order.failCode = placed.code
      order.state = 'order_failed'
    } else {
      order.ordId = placed.ordId
      order.actualSz = decimalText(size)
      order.actualPx = placed.lastFill?.price ?? (leg?.price === undefined ? '' : decimalText(leg.price))
      order.state = 'effective'
    }
    this.#tell(order)
  }

  #end(order: AlgoOrder, state: 'canceled'): void {
    order.state = state
    order.uTime = this.#parts.now()
    this.#live.delete(order)
    this.#tell(order)
  }

  #tell(order: AlgoOrder, more: Readonly<Record<string, string>> = {}): void {
    const { listing, size } = order.terms
    const last = this.#parts.market.lastPrice(listing.instId)
    const notionalUsd =
      size === undefined || last === '' ? '' : decimalText(size.times(listing.unit).times(decimal(last)))
    const json = { ...this.json(order), notionalUsd, amendResult: '', reqId: '', ...more }
    this.#parts.publish(algoChannel(order.terms), listing, json)
  }
}

/** An item of an answer. */
function item(ids: Readonly<Record<string, string>>, refusal?: OkxRefusal): OkxItem {
  return { ...ids, sCode: refusal?.code ?? '0', sMsg: refusal?.message ?? '' }
}
