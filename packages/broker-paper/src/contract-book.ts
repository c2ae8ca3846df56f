import { type Decimal, decimal, divide, zero } from '@tradeswarm/trading'
import { OwnMargin } from './own-margin.js'

/** One trade of a contract: signed units at what one unit stood for. */
export type ContractTrade = { readonly tradeId: string; readonly units: Decimal; readonly unitPrice: Decimal }

/** Decimals kept of the share of a cost that was averaged. */
const sharePlaces = 18
/** Decimals kept of the share of a contract's worth that is margin, rounded up. */
const marginPlaces = 12

type Position = {
  units: Decimal
  /** Signed like the units. */
  cost: Decimal
  /** Of units that all came at one price; undefined once they are averaged. */
  unitPrice: Decimal | undefined
  /** What closing has made since the first trade. */
  realised: Decimal
}

type Book = { readonly currency: string; readonly trades: ContractTrade[]; position: Position }

/**
 * Contracts as this venue keeps them: at their average price, with what closing makes paid at once. Its figures follow from the list of
 * trades, so a trade that is taken back or put right leaves what would have been had the list been so from the first.
 */
export class ContractBook {
  readonly #books = new Map<string, Book>()
  readonly #marginFraction: Decimal
  /** Contracts whose margin is their own. */
  readonly #own = new Map<string, OwnMargin>()

  constructor(leverage: Decimal) {
    this.#marginFraction = fractionOf(leverage)
  }

  /** The share of what units of a contract stand for that an order for them needs. */
  marginFraction(symbol: string): Decimal {
    return this.#own.get(symbol)?.fraction ?? this.#marginFraction
  }

  /** The margin that a contract has for itself, if it has. */
  ownMargin(symbol: string): OwnMargin | undefined {
    return this.#own.get(symbol)
  }

  /** What would be set aside for what is held of a contract, were its margin its own at that leverage; what funding has made of it stays. */
  isolated(symbol: string, leverage: Decimal): OwnMargin {
    const { units, cost } = this.#books.get(symbol)?.position ?? nothing()
    const margin = new OwnMargin(leverage, fractionOf(leverage), this.#own.get(symbol)?.funded)
    margin.follow(units, units, cost)
    return margin
  }

  /** Gives a contract a margin of its own. */
  isolate(symbol: string, margin: OwnMargin): void {
    this.#own.set(symbol, margin)
  }

  /** What is tied up by one contract. */
  tiedUp(symbol: string): Decimal {
    const own = this.#own.get(symbol)
    if (own !== undefined) return own.amount
    return (this.#books.get(symbol)?.position.cost.abs() ?? zero).times(this.#marginFraction)
  }

  /** Adds a trade, and answers what it has made. */
  add(symbol: string, currency: string, trade: ContractTrade): Decimal {
    let book = this.#books.get(symbol)
    if (book === undefined) {
      book = { currency, trades: [], position: nothing() }
      this.#books.set(symbol, book)
    }
    book.trades.push(trade)
    const { position } = book
    const { units, realised } = position
    apply(position, trade)
    this.#own.get(symbol)?.follow(units, position.units, position.cost, trade.tradeId)
    return position.realised.minus(realised)
  }

  /** Puts another trade, or none, in the place of one, and answers by how much what was made has changed. */
  replace(symbol: string, tradeId: string, trade: ContractTrade | undefined): Decimal {
    const book = this.#books.get(symbol)
    const at = book?.trades.findIndex((one) => one.tradeId === tradeId) ?? -1
    if (book === undefined || at < 0) return zero
    book.trades.splice(at, 1, ...(trade === undefined ? [] : [trade]))
    const { units, realised } = book.position
    book.position = nothing()
    for (const one of book.trades) apply(book.position, one)
    this.#own.get(symbol)?.follow(units, book.position.units, book.position.cost)
    return book.position.realised.minus(realised)
  }

  /** What open positions tie up of a currency. */
  margin(currency: string): Decimal {
    let [cost, own] = [zero, zero]
    for (const [symbol, { currency: settled, position }] of this.#books) {
      if (settled !== currency) continue
      const margin = this.#own.get(symbol)
      if (margin === undefined) cost = cost.plus(position.cost.abs())
      else own = own.plus(margin.amount)
    }
    return cost.isZero() ? own : cost.times(this.#marginFraction).plus(own)
  }
}

function fractionOf(leverage: Decimal): Decimal {
  return divide(decimal('1'), leverage, marginPlaces, 'up')
}

function nothing(): Position {
  return { units: zero, cost: zero, unitPrice: undefined, realised: zero }
}

function apply(position: Position, { units, unitPrice }: ContractTrade): void {
  const { units: held } = position
  const closes = !held.isZero() && held.isNegative() !== units.isNegative()
  if (closes) {
    const isWhole = units.abs().gte(held.abs())
    const closed = isWhole ? held : units.neg()
    const share = isWhole ? position.cost : shareOf(position, closed)
    position.realised = position.realised.plus(closed.times(unitPrice).minus(share))
    position.units = held.minus(closed)
    position.cost = position.cost.minus(share)
    if (isWhole) position.unitPrice = undefined
    open(position, units.plus(closed), unitPrice)
  } else open(position, units, unitPrice)
}

function shareOf({ cost, units, unitPrice }: Position, part: Decimal): Decimal {
  return unitPrice === undefined ? divide(cost.times(part), units, sharePlaces, 'half-even') : unitPrice.times(part)
}

function open(position: Position, units: Decimal, unitPrice: Decimal): void {
  if (units.isZero()) return
  position.unitPrice = position.units.isZero() ? unitPrice : undefined
  position.units = position.units.plus(units)
  position.cost = position.cost.plus(units.times(unitPrice))
}
