import { type Decimal, divide, zero } from '@tradeswarm/trading'

/** Decimals kept of a margin that is set aside, rounded up, and of the part of what funding has made of it that is given back, cut off. */
const places = 16

/**
 * The margin that a contract has for itself: its cost / leverage, set aside as a position is opened and given back as it is closed, and what
 * funding has added to it or taken from it meanwhile, which is given back by the share that is closed.
 */
export class OwnMargin {
  readonly leverage: Decimal
  readonly fraction: Decimal
  /** What funding has made of it. */
  funded: Decimal
  amount: Decimal = zero
  /** What each trade and each funding has added, by its id. */
  readonly #moved = new Map<string, Decimal>()

  constructor(leverage: Decimal, fraction: Decimal, funded = zero) {
    this.leverage = leverage
    this.fraction = fraction
    this.funded = funded
  }

  /** The position has changed, by the trade of that id where it was one. */
  follow(before: Decimal, after: Decimal, cost: Decimal, id?: string): void {
    if (!isSameSide(before, after)) this.funded = zero
    else if (after.abs().lt(before.abs()))
      this.funded = this.funded.minus(divide(this.funded.times(before.minus(after)), before, places, 'down'))
    const amount = divide(cost.abs(), this.leverage, places, 'up').plus(this.funded)
    if (id !== undefined) this.#moved.set(id, amount.minus(this.amount))
    this.amount = amount
  }

  /** Funding of what is held was paid, below 0, or received. */
  fund(change: Decimal, id: string): void {
    this.funded = this.funded.plus(change)
    this.amount = this.amount.plus(change)
    this.#moved.set(id, change)
  }

  moved(id: string): Decimal | undefined {
    return this.#moved.get(id)
  }
}

function isSameSide(before: Decimal, after: Decimal): boolean {
  return !before.isZero() && !after.isZero() && before.isNegative() === after.isNegative()
}
