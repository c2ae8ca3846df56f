import { type Decimal, decimal, divide, zero } from '@tradeswarm/trading'

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

  constructor(leverage: Decimal) {
    this.#marginFraction = divide(decimal('1'), leverage, marginPlaces, 'up')
  }

  get marginFraction(): Decimal {
    return this.#marginFraction
  }

  /** Adds a trade, and answers what it has made. */
  add(symbol: string, currency: string, trade: ContractTrade): Decimal {
    let book = this.#books.get(symbol)
    if (book === undefined) {
      book = { currency, trades: [], position: nothing() }
      this.#books.set(symbol, book)
    }
    book.trades.push(trade)
    const before = book.position.realised
    apply(book.position, trade)
    return book.position.realised.minus(before)
  }

  /** Puts another trade, or none, in the place of one, and answers by how much what was made has changed. */
  replace(symbol: string, tradeId: string, trade: ContractTrade | undefined): Decimal {
    const book = this.#books.get(symbol)
    const at = book?.trades.findIndex((one) => one.tradeId === tradeId) ?? -1
    if (book === undefined || at < 0) return zero
    book.trades.splice(at, 1, ...(trade === undefined ? [] : [trade]))
    const before = book.position.realised
    book.position = nothing()
    for (const one of book.trades) apply(book.position, one)
    return book.position.realised.minus(before)
  }

  /** What open positions tie up of a currency. */
  margin(currency: string): Decimal {
    let cost = zero
    for (const { currency: settled, position } of this.#books.values())
      if (settled === currency) cost = cost.plus(position.cost.abs())
    return cost.isZero() ? cost : cost.times(this.#marginFraction)
  }
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
