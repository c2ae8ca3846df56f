import { type Decimal, decimalText, type Side, type VenueBalance, zero } from '@tradeswarm/trading'

/** What the account holds of a currency or asset: total = free + locked. Decimal texts. */
export type PaperHolding = VenueBalance & { readonly free: string; readonly locked: string }

/** A trade as it moves the account. */
export type Settlement = {
  readonly side: Side
  readonly asset: string
  readonly currency: string
  readonly quantity: Decimal
  readonly notional: Decimal
  readonly fee: Decimal
  readonly feeCurrency: string
}

/** Cash by currency and holdings by asset, as the venue itself keeps them, and what open orders have set aside of each. */
export class PaperAccount {
  readonly #totals: Map<string, Decimal>
  readonly #reserved = new Map<string, Decimal>()

  constructor(cash: ReadonlyMap<string, Decimal>) {
    this.#totals = new Map(cash)
  }

  total(asset: string): Decimal {
    return this.#totals.get(asset) ?? zero
  }

  /** What no open order has set aside. */
  free(asset: string): Decimal {
    const reserved = this.#reserved.get(asset)
    return reserved === undefined ? this.total(asset) : this.total(asset).minus(reserved)
  }

  reserve(asset: string, amount: Decimal): void {
    if (amount.eq(zero)) return
    const reserved = this.#reserved.get(asset)
    this.#reserved.set(asset, reserved === undefined ? amount : reserved.plus(amount))
  }

  release(asset: string, amount: Decimal): void {
    this.reserve(asset, zero.minus(amount))
  }

  settle({ side, asset, currency, quantity, notional, fee, feeCurrency }: Settlement): void {
    const isBuy = side === 'buy'
    const proceeds = isBuy ? zero.minus(notional) : notional
    this.credit(asset, isBuy ? quantity : zero.minus(quantity))
    this.credit(currency, feeCurrency === currency ? proceeds.minus(fee) : proceeds)
    if (feeCurrency !== currency) this.credit(feeCurrency, zero.minus(fee))
  }

  /** Takes a trade back. */
  unsettle(trade: Settlement): void {
    const quantity = zero.minus(trade.quantity)
    const notional = zero.minus(trade.notional)
    this.settle({ ...trade, quantity, notional, fee: zero.minus(trade.fee) })
  }

  credit(asset: string, amount: Decimal): void {
    this.#totals.set(asset, this.total(asset).plus(amount))
  }

  /** Puts another number of units in the place of those held. */
  restate(asset: string, total: Decimal): void {
    this.#totals.set(asset, total)
  }

  /** Sorted by asset; assets of which nothing is held are left out. */
  balances(): readonly VenueBalance[] {
    return [...this.#totals]
      .filter(([, total]) => !total.eq(zero))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([asset, total]) => ({ asset, total: decimalText(total) }))
  }

  /** The same with what open orders have set aside. */
  holdings(): readonly PaperHolding[] {
    return this.balances().map(({ asset, total }) => ({
      asset,
      total,
      free: decimalText(this.free(asset)),
      locked: decimalText(this.#reserved.get(asset) ?? zero),
    }))
  }
}
