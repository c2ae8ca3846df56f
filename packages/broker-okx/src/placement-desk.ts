import {
  isUnanswered,
  type LookUp,
  outcomeOf,
  type RefusalDesk,
  refusalIn,
  type Unmappable,
  type VenueRefusal,
} from '@tradeswarm/broker-kit'
import type { Clock, ClockAndTimers, EpochMs } from '@tradeswarm/core'
import { decimal, decimalText, type OrderRequest, roundToStep } from '@tradeswarm/trading'
import { type AttachedExits, mapEntry } from './attached-exits.js'
import { explainRefusal, isReached } from './explain-refusal.js'
import type { InstrumentBook } from './instrument-book.js'
import type { OkxListing } from './instruments.js'
import { type AlgoWire, mapOrder, needsReachedPrice, type OrderWire } from './map-order.js'
import { isDuplicate, okxErrors } from './okx-error.js'
import type { OkxSettings } from './parse-okx-options.js'
import type { OkxAlgo, OkxOrder } from './parse-order.js'
import type { Acknowledged, TradingClient } from './trading-client.js'

export type PlacementDeskParts = {
  readonly settings: OkxSettings
  readonly client: TradingClient
  readonly book: InstrumentBook
  readonly refusals: RefusalDesk
  /** Our clock, and the venue's time. */
  readonly clock: Clock
  readonly venueNow: () => EpochMs
  /** Takes note of how much an order is for; undefined where it was refused. */
  readonly expectSize: (clientOrderId: string, quantity: string | undefined) => void
  /** Takes note that an order is a stop of which a level was passed already, or that it was refused. */
  readonly noteSetOff: (clientOrderId: string, isSo: boolean) => void
  /** Finds out whether an order that was taken may stay, and has that told. */
  readonly findOut: (taken: OkxOrder) => void
  /** Takes an order as it is known now, and waits until that has been told. */
  readonly note: (found: OkxOrder | OkxAlgo) => Promise<void>
}

/** So far from the last price a market order that takes all or nothing may fill, where OKX names no bound: a twentieth. */
const reach = decimal('0.05')
/** What an answer may take longer than the venue's deadline. */
const afterDeadlineMs = 250

/** Sends orders, each once, and finds out what became of them. */
export class PlacementDesk {
  readonly #parts: PlacementDeskParts
  /** `cash` or what takes its place in the mode of the account. */
  spotMode: 'cash' | 'cross' = 'cash'
  takesSwaps = true

  constructor(parts: PlacementDeskParts) {
    this.#parts = parts
  }

  /** `exits` are what the order brings along. */
  async place(request: OrderRequest, exits?: AttachedExits): Promise<void> {
    const { refusals, book, venueNow, settings, clock } = this.#parts
    const listing = book.listing(request.symbol)
    const refused = listing === undefined ? notListed(request.symbol) : this.#unfit(listing)
    if (listing === undefined || refused !== undefined)
      return refusals.order(request, refused ?? notListed(request.symbol))
    // From here on: what waits for its turn too long is dropped by the venue.
    const deadline = clock.now() + settings.requestLifetimeMs
    const reachedPrice = needsReachedPrice(request) ? await this.#reachedPrice(request, listing) : undefined
    const terms = {
      account: settings.account,
      isSwap: listing.isSwap,
      tdMode: listing.isSwap ? settings.marginMode : this.spotMode,
      paidWith: listing.paidWith,
      now: venueNow(),
      ...(reachedPrice === undefined ? {} : { reachedPrice }),
    }
    const mapped = exits === undefined ? mapOrder(request, terms) : mapEntry(request, exits, terms)
    if ('unmappable' in mapped) return refusals.order(request, mapped)
    try {
      if (mapped.kind === 'order') await this.#sendOrder(mapped.wire, listing, deadline)
      else await this.#sendAlgo(mapped.wire, listing)
    } catch (thrown) {
      const refusal = refusalIn(thrown)
      if (!isUnanswered(thrown)) this.#parts.expectSize(request.clientOrderId, undefined)
      if (refusal === undefined) throw thrown
      if (isDuplicate(refusal)) throw okxErrors.duplicate(request.clientOrderId)
      if (isSetOffAlready(refusal, request)) return this.#placeSetOff(request, listing, deadline)
      await refusals.order(request, explainRefusal(refusal, request, listing))
    }
  }

  async #sendOrder(wire: OrderWire, { isSwap }: OkxListing, deadline: EpochMs): Promise<OkxOrder> {
    const { client, note, expectSize } = this.#parts
    // Said before it is sent: the stream may be faster than the answer.
    expectSize(wire.clOrdId, wire.sz)
    const sending = client.submit(wire, deadline).then((taken) => this.#orderOf(wire, isSwap, taken))
    const find = (id: string): Promise<OkxOrder | undefined> => client.orderByClientId(wire.instId, id)
    const order = await outcomeOf(sending, wire.clOrdId, this.#lookUp(find, this.#parts.settings.requestLifetimeMs))
    // Whether it may stay shows a moment after it was acknowledged; where it cannot be asked for now, it is asked for again.
    const seen = wire.ordType === 'post_only' ? await client.order(wire.instId, order.id).catch(() => undefined) : order
    if (seen === undefined) this.#parts.findOut(order)
    else await note(seen)
    return order
  }

  async #sendAlgo(wire: AlgoWire, { isSwap }: OkxListing): Promise<void> {
    const { client, note } = this.#parts
    const sending = client.submitAlgo(wire).then((taken) => this.#algoOf(wire, isSwap, taken))
    await note(
      await outcomeOf(
        sending,
        wire.algoClOrdId,
        this.#lookUp((id) => client.algoByClientId(id), 0),
      ),
    )
  }

  /**
   * A stop whose level the market has passed already is an order at the market, or at its limit: OKX does not take such a stop, and what it is
   * to protect is not to wait for another decision.
   */
  async #placeSetOff(request: OrderRequest, listing: OkxListing, deadline: EpochMs): Promise<void> {
    const { refusals, noteSetOff, venueNow, settings } = this.#parts
    const now = setOff(request)
    const tdMode = listing.isSwap ? settings.marginMode : this.spotMode
    const mapped = mapOrder(now, { isSwap: listing.isSwap, tdMode, paidWith: listing.paidWith, now: venueNow() })
    if ('unmappable' in mapped) return refusals.order(request, mapped)
    if (mapped.kind === 'algo') return
    // Said before it is sent: the stream may be faster than the answer.
    noteSetOff(request.clientOrderId, true)
    try {
      await this.#sendOrder(mapped.wire, listing, deadline)
    } catch (thrown) {
      const refusal = refusalIn(thrown)
      if (!isUnanswered(thrown)) this.#parts.expectSize(request.clientOrderId, undefined)
      if (refusal === undefined) throw thrown
      noteSetOff(request.clientOrderId, false)
      await refusals.order(request, explainRefusal(refusal, now, listing))
    }
  }

  #lookUp<Found>(find: (clientOrderId: string) => Promise<Found | undefined>, lifetimeMs: number): LookUp<Found> {
    const { outcomeWaitsMs: waitsMs, connection } = this.#parts.settings
    const clock: ClockAndTimers = connection.clock
    return {
      venue: 'OKX',
      waitsMs,
      clock,
      find,
      notBefore: lifetimeMs === 0 ? 0 : clock.now() + lifetimeMs + afterDeadlineMs,
    }
  }

  #orderOf(wire: OrderWire, isSwap: boolean, { id, time }: Acknowledged): OkxOrder {
    return {
      kind: 'order',
      id,
      clientOrderId: wire.clOrdId,
      symbol: wire.instId,
      isSwap,
      side: wire.side,
      type: wire.ordType,
      state: 'live',
      quantity: wire.sz,
      isInQuote: wire.tgtCcy === 'quote_ccy',
      price: wire.px,
      filledQuantity: '0',
      averagePrice: undefined,
      cancelSource: '',
      algoId: undefined,
      algoClientOrderId: undefined,
      tag: wire.tag ?? '',
      createdAt: time ?? this.#parts.venueNow(),
      // Whatever is heard of it is later.
      updatedAt: 0,
    }
  }

  #algoOf(wire: AlgoWire, isSwap: boolean, { id, time }: Acknowledged): OkxAlgo {
    return {
      kind: 'algo',
      id,
      clientOrderId: wire.algoClOrdId,
      symbol: wire.instId,
      isSwap,
      side: wire.side,
      type: wire.ordType,
      state: 'live',
      quantity: wire.sz,
      stopPrice: wire.slTriggerPx,
      limitPrice: wire.slOrdPx === '-1' ? undefined : wire.slOrdPx,
      childIds: [],
      failCode: undefined,
      tag: wire.tag ?? '',
      createdAt: time ?? this.#parts.venueNow(),
      updatedAt: 0,
    }
  }

  /** A price that an order at the market reaches for certain, as far as OKX lets prices go. */
  async #reachedPrice({ side, symbol }: OrderRequest, { instrument }: OkxListing): Promise<string | undefined> {
    const { client } = this.#parts
    const limit = await client.priceLimit(symbol)
    if (limit !== undefined) return limit[side]
    const last = await client.lastPrice(symbol)
    if (last === undefined) return undefined
    const price = decimal(last)
    const away = price.times(reach)
    const reached = side === 'buy' ? price.plus(away) : price.minus(away)
    return decimalText(roundToStep(reached, decimal(instrument.tickSize), side === 'buy' ? 'down' : 'up'))
  }

  #unfit({ isSwap, instrument }: OkxListing): Unmappable | undefined {
    if (!isSwap || this.takesSwaps) return undefined
    return {
      unmappable: true,
      code: 'ACCOUNT_MODE',
      message: `OKX trades ${instrument.symbol} in futures mode or higher only: set the mode of the account there`,
    }
  }
}

function notListed(symbol: string): Unmappable {
  return {
    unmappable: true,
    code: 'INSTRUMENT_NOT_FOUND',
    message: `symbol: the account cannot trade ${symbol}: check its spelling, and option symbols`,
  }
}

/** What an order is once a level of it was reached. */
function setOff(request: OrderRequest): OrderRequest {
  const { stopPrice: _, ...rest } = request
  if (rest.type === 'stop-limit') return { ...rest, type: 'limit' }
  const { limitPrice: _limit, ...market } = rest
  return { ...market, type: 'market' }
}

function isSetOffAlready(refusal: VenueRefusal, { type }: OrderRequest): boolean {
  return isReached(refusal) && (type === 'stop' || type === 'stop-limit' || type === 'oco')
}
