import type { EpochMs } from '@tradeswarm/core'
import { type BarEvent, type Decimal, decimal, type OpenEvent, type Side, zero } from '@tradeswarm/trading'
import { isBeyondStop, worse } from './price-matching.js'

/** A price event while it is the symbol's last one. */
export type Print = {
  readonly time: EpochMs
  /** When the bar began that its prices lie in. */
  readonly start: EpochMs
  /** The bounds of what was traded from an entry's fill on, as far as is known: for an open, the open itself. */
  readonly low: Decimal
  readonly high: Decimal
  /** The market's price of the last fill here that opened or enlarged the position. */
  entryReference: Decimal | undefined
}

/** What the venue remembers of one symbol's market. */
export class SymbolMarket {
  lastPrice: string | undefined
  /** The last price event, kept only where orders met it. */
  print: Print | undefined
  #openedSession: string | undefined
  #lastVolume: string | undefined
  #volumeLeft: Decimal | undefined

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
  }

  /** What the session's volume still lets through, or undefined without a limit. */
  get volumeLeft(): Decimal | undefined {
    return this.#volumeLeft
  }

  useVolume(quantity: Decimal): void {
    this.#volumeLeft = this.#volumeLeft?.minus(quantity)
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
