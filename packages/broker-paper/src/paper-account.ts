import { type Decimal, decimalText, one, type Side, type VenueBalance, zero } from '@tradeswarm/trading'
import { ContractBook, type ContractTrade } from './contract-book.js'

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
  /** Of a contract, for which nothing is paid but what closing makes. */
  readonly contract?: ContractTrade
}

/** Cash by currency and holdings by asset, as the venue itself keeps them, and what open orders have set aside of each. */
export class PaperAccount {
  readonly #totals: Map<string, Decimal>
  readonly #reserved = new Map<string, Decimal>()
  readonly #contracts: ContractBook

  constructor(cash: ReadonlyMap<string, Decimal>, contractLeverage: Decimal = one) {
    this.#totals = new Map(cash)
    this.#contracts = new ContractBook(contractLeverage)
  }

  /** The share of what units of a contract stand for that must be there. */
  marginFraction(symbol: string): Decimal {
    return this.#contracts.marginFraction(symbol)
  }

  /**
   * Gives a contract a margin of its own, or another leverage of it. Answers by how much more is set aside for it then; undefined, with
   * nothing changed, where that is not free.
   */
  isolate(symbol: string, currency: string, leverage: Decimal): Decimal | undefined {
    const margin = this.#contracts.isolated(symbol, leverage)
    const change = margin.amount.minus(this.#contracts.tiedUp(symbol))
    if (change.gt(zero) && change.gt(this.free(currency))) return undefined
    this.#contracts.isolate(symbol, margin)
    return change
  }

  /** Pays or receives funding of a contract, by its id: of one whose margin is its own that moves too. */
  fund(symbol: string, currency: string, amount: Decimal, id: string): void {
    this.credit(currency, amount)
    this.#contracts.ownMargin(symbol)?.fund(amount, id)
  }

  /** What a trade or a funding of a contract, by its id, has added to the margin that the contract has for itself. */
  marginMoved(symbol: string, id: string): Decimal {
    return this.#contracts.ownMargin(symbol)?.moved(id) ?? zero
  }

  total(asset: string): Decimal {
    return this.#totals.get(asset) ?? zero
  }

  /** What neither an open order nor a contract that is held has set aside. */
  free(asset: string): Decimal {
    const unused = this.unused(asset)
    const reserved = this.#reserved.get(asset)
    return reserved === undefined ? unused : unused.minus(reserved)
  }

  /** What no contract that is held ties up. */
  unused(asset: string): Decimal {
    const margin = this.#contracts.margin(asset)
    return margin.isZero() ? this.total(asset) : this.total(asset).minus(margin)
  }

  reserve(asset: string, amount: Decimal): void {
    if (amount.isZero()) return
    const reserved = this.#reserved.get(asset)
    this.#reserved.set(asset, reserved === undefined ? amount : reserved.plus(amount))
  }

  release(asset: string, amount: Decimal): void {
    if (!amount.isZero()) this.#reserved.set(asset, (this.#reserved.get(asset) ?? zero).minus(amount))
  }

  settle({ side, asset, currency, quantity, notional, fee, feeCurrency, contract }: Settlement): void {
    const isBuy = side === 'buy'
    if (isBuy) this.credit(asset, quantity)
    else this.#debit(asset, quantity)
    if (contract !== undefined) this.credit(currency, this.#contracts.add(asset, currency, contract))
    else if (isBuy) this.#debit(currency, notional)
    else this.credit(currency, notional)
    this.#debit(feeCurrency, fee)
  }

  /** Takes a trade back. */
  unsettle(trade: Settlement): void {
    if (trade.contract !== undefined) {
      this.#restate(trade, undefined)
      return
    }
    const quantity = zero.minus(trade.quantity)
    const notional = zero.minus(trade.notional)
    this.settle({ ...trade, quantity, notional, fee: zero.minus(trade.fee) })
  }

  /** Puts the figures of a trade right. */
  correct(before: Settlement, after: Settlement): void {
    if (before.contract !== undefined) {
      this.#restate(before, after)
      return
    }
    this.unsettle(before)
    this.settle(after)
  }

  /** A contract's trade is taken back, or has another one in its place among all of its symbol. */
  #restate(before: Settlement, after: Settlement | undefined): void {
    const { asset, currency } = before
    const units = (one: Settlement | undefined): Decimal => one?.contract?.units ?? zero
    this.credit(asset, units(after).minus(units(before)))
    this.credit(currency, this.#contracts.replace(asset, before.contract?.tradeId ?? '', after?.contract))
    this.credit(before.feeCurrency, before.fee)
    if (after !== undefined) this.credit(after.feeCurrency, zero.minus(after.fee))
  }

  #debit(asset: string, amount: Decimal): void {
    this.#totals.set(asset, this.total(asset).minus(amount))
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
      locked: decimalText(this.total(asset).minus(this.free(asset))),
    }))
  }
}
