import { type Decimal, decimalText, type Instrument, type Side, type VenueBalance, zero } from '@tradeswarm/trading'

/** Cash by currency and holdings by asset, as the venue itself keeps them. */
export class PaperAccount {
  readonly #totals: Map<string, Decimal>
  readonly #reserved = new Map<string, Decimal>()

  constructor(cash: ReadonlyMap<string, Decimal>) {
    this.#totals = new Map(cash)
  }

  total(asset: string): Decimal {
    return this.#totals.get(asset) ?? zero
  }

  /** Cash that no open order has set aside. */
  free(currency: string): Decimal {
    return this.total(currency).minus(this.#reserved.get(currency) ?? zero)
  }

  reserve(currency: string, amount: Decimal): void {
    this.#reserved.set(currency, (this.#reserved.get(currency) ?? zero).plus(amount))
  }

  release(currency: string, amount: Decimal): void {
    this.reserve(currency, zero.minus(amount))
  }

  settleTrade(instrument: Instrument, side: Side, quantity: Decimal, price: Decimal, fee: Decimal): void {
    const notional = price.times(quantity)
    this.credit(instrument.asset, side === 'buy' ? quantity : zero.minus(quantity))
    this.credit(instrument.currency, (side === 'buy' ? zero.minus(notional) : notional).minus(fee))
  }

  credit(asset: string, amount: Decimal): void {
    this.#totals.set(asset, this.total(asset).plus(amount))
  }

  /** Sorted by asset; assets of which nothing is held are left out. */
  balances(): readonly VenueBalance[] {
    return [...this.#totals]
      .filter(([, total]) => !total.eq(zero))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([asset, total]) => ({ asset, total: decimalText(total) }))
  }
}
