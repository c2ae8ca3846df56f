import type { EpochMs } from '@tradeswarm/core'
import {
  type BarEvent,
  type CalendarName,
  type Decimal,
  decimal,
  type OpenEvent,
  type QuoteEvent,
  type Side,
  zero,
} from '@tradeswarm/trading'
import { marketAmount } from './market-amount.js'
import { isBeyondStop, worse } from './price-matching.js'
import type { RestingOrder } from './resting-order.js'

/** A price event while it is the symbol's last one. */
export type Print = {
  readonly time: EpochMs
  /** When the bar, the quote or the trade began that its prices lie in. */
  readonly start: EpochMs
  /** The bounds of what was traded from an entry's fill on, as far as is known: for an open, the open itself. */
  readonly low: Decimal
  readonly high: Decimal
  /** The market's price of the last fill here that opened or enlarged the position. */
  entryReference: Decimal | undefined
}

/** How many units a price still offers; undefined where nobody says. Orders use it up. */
export type Supply = { left: Decimal | undefined }

/** The best prices offered, until the next quote. */
export type StandingQuote = {
  readonly time: EpochMs
  readonly bid: Decimal
  readonly ask: Decimal
  readonly bidSupply: Supply
  readonly askSupply: Supply
}

/** What the venue remembers of one symbol's market, and the orders that rest in it. */
export class SymbolMarket {
  readonly symbol: string
  /** Undefined for a symbol that is not traded here. */
  readonly calendar: CalendarName | undefined
  /** In the order of arrival, with some that have ended. */
  readonly orders: RestingOrder[] = []
  /** How many of them may only reduce. */
  reduceOnlyCount = 0
  /** How many of them have ended. */
  endedCount = 0
  /** The last price event, kept only where orders met it. */
  print: Print | undefined
  quote: QuoteEvent | undefined
  /** Orders met a quote or trade in this session: its bar then tells nothing that was not matched already. */
  isQuoted = false
  isHalted = false
  #lastPrice: string | undefined
  #lastAmount: Decimal | undefined
  #standing: StandingQuote | undefined
  #openedSession: string | undefined
  #lastVolume: string | undefined
  #volumeLeft: Decimal | undefined

  constructor(symbol: string, calendar: CalendarName | undefined) {
    this.symbol = symbol
    this.calendar = calendar
  }

  get lastPrice(): string | undefined {
    return this.#lastPrice
  }

  set lastPrice(text: string | undefined) {
    this.#lastPrice = text
    this.#lastAmount = undefined
  }

  /** The last price, parsed when it is first needed. */
  get lastAmount(): Decimal | undefined {
    if (this.#lastPrice === undefined) return undefined
    this.#lastAmount ??= marketAmount(this.#lastPrice)
    return this.#lastAmount
  }

  /** True for the first price of a session. */
  isNewSession(date: string): boolean {
    return this.#openedSession !== date
  }

  noteOpen(event: OpenEvent, maximumVolumeFraction: Decimal | undefined): void {
    this.#openedSession = event.sessionDate
    this.lastPrice = event.price
    this.print = undefined
    if (maximumVolumeFraction === undefined) return
    this.#volumeLeft =
      this.#lastVolume === undefined ? zero : decimal(this.#lastVolume, 'volume').times(maximumVolumeFraction)
  }

  noteBar(event: BarEvent): void {
    this.lastPrice = event.close
    this.#lastVolume = event.volume
    this.print = undefined
    this.isQuoted = false
  }

  noteTrade(text: string, price: Decimal): void {
    this.#lastPrice = text
    this.#lastAmount = price
  }

  noteQuote(event: QuoteEvent): void {
    this.quote = event
    this.#standing = undefined
  }

  /** The last quote, parsed when it is first needed; undefined for one that is crossed or not of numbers, which fills nothing. */
  standingQuote(): StandingQuote | undefined {
    if (this.#standing === undefined && this.quote !== undefined) {
      this.#standing = standing(this.quote)
      if (this.#standing === undefined) this.quote = undefined
    }
    return this.#standing
  }

  /** Volume of the bar before, if there was one. */
  get lastVolume(): Decimal | undefined {
    return this.#lastVolume === undefined ? undefined : decimal(this.#lastVolume, 'volume')
  }

  /** What the session's volume still lets through, or undefined without a limit. */
  get volumeLeft(): Decimal | undefined {
    return this.#volumeLeft
  }

  useVolume(quantity: Decimal): void {
    this.#volumeLeft = this.#volumeLeft?.minus(quantity)
  }

  /** Restates what is remembered in the units after a split; what was offered before it is over. */
  restate(price: string | undefined, volume: string | undefined): void {
    this.lastPrice = price
    this.#lastVolume = volume
    this.print = undefined
    this.quote = undefined
    this.#standing = undefined
  }

  /**
   * Takes orders that have ended off the list: those at its end at once, the others when they are more than half of it, so that a cancel
   * costs the same however many orders rest. Not while the list is being walked.
   */
  sweep(): void {
    const { orders } = this
    while (this.endedCount > 0 && orders.at(-1)?.status !== 'open') {
      orders.pop()
      this.endedCount -= 1
    }
    if (this.endedCount * 2 <= orders.length) return
    let kept = 0
    for (const order of orders) {
      if (order.status !== 'open') continue
      orders[kept] = order
      kept += 1
    }
    orders.length = kept
    this.endedCount = 0
  }

  /**
   * The price at which an exit that comes at the instant of its entry's fill is set off at once, or undefined when it is not.
   * The worst price known after the entry counts, and the exit gets the stop or the entry's price, whichever is worse.
   */
  exitReference(side: Side, stopPrice: Decimal, at: EpochMs): Decimal | undefined {
    const { print } = this
    if (print?.entryReference === undefined || at > print.time) return undefined
    const extreme = side === 'sell' ? print.low : print.high
    return isBeyondStop(side, extreme, stopPrice) ? worse(side, stopPrice, print.entryReference) : undefined
  }
}

function standing({ time, bid, ask, bidSize, askSize }: QuoteEvent): StandingQuote | undefined {
  const [bidPrice, askPrice] = [marketAmount(bid), marketAmount(ask)]
  if (bidPrice === undefined || askPrice === undefined || bidPrice.gt(askPrice)) return undefined
  return { time, bid: bidPrice, ask: askPrice, bidSupply: supplyOf(bidSize), askSupply: supplyOf(askSize) }
}

function supplyOf(size: string | undefined): Supply {
  return { left: size === undefined ? undefined : (marketAmount(size) ?? zero) }
}
