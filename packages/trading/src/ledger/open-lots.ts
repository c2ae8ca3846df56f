import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, divide, zero } from '../money/decimal.js'

/** Which units a sale takes first: the oldest, the newest, or an equal share of all. */
export type LotMethod = 'fifo' | 'lifo' | 'average'

export const lotMethods: readonly string[] = ['fifo', 'lifo', 'average'] satisfies LotMethod[]

/** Units after a split, and the share of a lot that has no price, are cut here. What is cut stays in the last lot. */
const sharePlaces = 18

/** What one purchase (or short sale) has left. Quantity and cost are signed alike. */
export type Lot = {
  readonly tradeId: string
  readonly openedAt: EpochMs
  quantity: Decimal
  cost: Decimal
  /** Undefined once the cost is a stated sum, has been pooled or was split: it is then shared out by quantity. */
  price: Decimal | undefined
}

/** What was taken off the lots: units, unsigned, and what they had cost. */
export type TakenUnits = { readonly quantity: Decimal; readonly cost: Decimal }

/** Part of a sum that goes with part of the units, to 18 decimals. */
export function shareOf(cost: Decimal, part: Decimal, units: Decimal): Decimal {
  return divide(cost.times(part), units, sharePlaces, 'half-even')
}

/** The lots of a position, all of one sign, oldest first. Averaging, there is one lot at most, into which all others are pooled. */
export class OpenLots {
  #lots: Lot[] = []
  /** Lots before it are used up. */
  #first = 0

  constructor(readonly method: LotMethod) {}

  get empty(): boolean {
    return this.#first === this.#lots.length
  }

  list(): readonly Readonly<Lot>[] {
    return this.#first === 0 ? this.#lots : this.#lots.slice(this.#first)
  }

  reset(lots: readonly Readonly<Lot>[]): void {
    this.#lots = lots.map((lot) => ({ ...lot }))
    this.#first = 0
  }

  add(lot: Lot): void {
    const pool = this.method === 'average' ? this.#lots[this.#first] : undefined
    if (pool === undefined) {
      this.#lots.push(lot)
      return
    }
    pool.quantity = pool.quantity.plus(lot.quantity)
    pool.cost = pool.cost.plus(lot.cost)
    pool.price = undefined
  }

  /** Takes up to so many units (unsigned) off the lots, in the order of the method. */
  take(units: Decimal): TakenUnits {
    let left = units
    let cost = zero
    while (this.#first < this.#lots.length && !left.eq(zero)) {
      const lot = this.#lots[this.method === 'lifo' ? this.#lots.length - 1 : this.#first] as Lot
      const held = lot.quantity.abs()
      if (held.lte(left)) {
        cost = cost.plus(lot.cost)
        left = left.minus(held)
        if (this.method === 'lifo') this.#lots.pop()
        else this.#first += 1
        continue
      }
      const part = lot.quantity.lt(zero) ? left.neg() : left
      const share = lot.price === undefined ? shareOf(lot.cost, part, lot.quantity) : lot.price.times(part)
      lot.quantity = lot.quantity.minus(part)
      lot.cost = lot.cost.minus(share)
      cost = cost.plus(share)
      left = zero
    }
    this.#dropUsedLots()
    return { quantity: units.minus(left), cost }
  }

  #dropUsedLots(): void {
    if (this.#first === this.#lots.length) this.#lots = []
    else if (this.#first > 64 && this.#first * 2 > this.#lots.length) this.#lots = this.#lots.slice(this.#first)
    else return
    this.#first = 0
  }

  /** Multiplies the units and keeps the cost: that of a lot without units left goes to the next. Returns the units there are then. */
  split(held: Decimal, numerator: Decimal, denominator: Decimal): Decimal {
    const scaled = (units: Decimal) => divide(units.times(numerator), denominator, sharePlaces, 'down')
    const quantity = scaled(held)
    const lots: Lot[] = []
    let left = quantity
    let carried = zero
    const before = this.list()
    for (const [index, lot] of before.entries()) {
      const units = index === before.length - 1 ? left : scaled(lot.quantity)
      carried = carried.plus(lot.cost)
      if (units.eq(zero)) continue
      lots.push({ tradeId: lot.tradeId, openedAt: lot.openedAt, quantity: units, cost: carried, price: undefined })
      carried = zero
      left = left.minus(units)
    }
    const last = lots.at(-1)
    if (last !== undefined) last.cost = last.cost.plus(carried)
    this.#lots = lots
    this.#first = 0
    return quantity
  }
}
