import { Decimal, zero } from './exact-decimal.js'

/** A sum of many amounts, exact, without a number being made for each. */
export class DecimalSum {
  private readonly head = { units: 0, scale: 0 }
  /** What would not go into the head without rounding. */
  private rest: Decimal = zero

  add(amount: Decimal): void {
    if (!amount.joins(this.head)) this.rest = this.rest.plus(amount)
  }

  total(): Decimal {
    const { units, scale } = this.head
    return units === 0 ? this.rest : this.rest.plus(new Decimal(units, scale))
  }
}
