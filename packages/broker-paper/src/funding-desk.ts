import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, fundingAmount } from '@tradeswarm/trading'
import type { MovementLog } from './movement-log.js'
import type { OrderBook } from './order-book.js'
import type { PaperAccount } from './paper-account.js'
import type { PaperBrokerSettings, VenueInstrument } from './paper-broker-options.js'

/** Pays funding between longs and shorts of perpetuals, and tells of what it has paid. */
export class FundingDesk {
  readonly #paid = new Set<string>()
  /** Rates of the options are paid up to here. */
  #settledUntil: EpochMs

  constructor(
    private readonly settings: PaperBrokerSettings,
    private readonly account: PaperAccount,
    private readonly book: OrderBook,
    private readonly movements: MovementLog,
    openedAt: EpochMs,
  ) {
    this.#settledUntil = openedAt
  }

  /** Pays what is held of a perpetual at an instant. Once: a second word about that instant pays nothing. */
  pay(listing: VenueInstrument, time: EpochMs, rate: Decimal, price: Decimal): void {
    const { symbol, asset, currency, kind } = listing.instrument
    const units = this.account.total(asset)
    const eventId = `funding-${symbol}-${time}`
    if (kind !== 'perpetual' || units.isZero() || this.#paid.has(eventId)) return
    const amount = fundingAmount({ units, multiplier: listing.multiplier, price, rate })
    if (amount.isZero()) return
    this.#paid.add(eventId)
    this.account.fund(asset, currency, amount, eventId)
    this.movements.add({ eventId, time, type: 'funding', symbol, currency, amount: decimalText(amount) })
  }

  /** Pays at the last price what the rates of the options have made due up to an instant. */
  settle(now: EpochMs): void {
    const { funding } = this.settings
    if (funding === undefined) return
    const { intervalMs, rates } = funding
    for (let due = nextDue(this.#settledUntil, intervalMs); due <= now; due += intervalMs) {
      for (const [symbol, rate] of rates) {
        const listing = this.settings.instruments.get(symbol)
        const price = this.book.knownMarket(symbol)?.lastAmount
        if (listing !== undefined && price !== undefined) this.pay(listing, due, rate, price)
      }
      this.#settledUntil = due
    }
  }
}

/** The first whole multiple of the interval after an instant, as venues count from midnight UTC. */
function nextDue(after: EpochMs, intervalMs: number): EpochMs {
  return (Math.floor(after / intervalMs) + 1) * intervalMs
}

/** A rate of the market, as a signed fraction of what is held. */
export function fundingRate(text: string, symbol: string): Decimal {
  return decimal(text, `funding rate of ${symbol}`)
}
