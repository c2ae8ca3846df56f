import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, divide, zero } from '../money/decimal.js'
import { type FillFigures, type FillTerms, fillFigures } from './ledger-amounts.js'
import type { LedgerPosition } from './ledger-port.js'

/** Units after a split, and the share of a split lot's cost, are cut here. What is cut stays in the last lot. */
const splitPlaces = 18

/** Quantity and cost are signed alike. A lot that a split has changed has lost its price: its cost is shared out by quantity. */
type Lot = {
  readonly tradeId: string
  readonly openedAt: EpochMs
  quantity: Decimal
  cost: Decimal
  readonly price: Decimal | undefined
}

/** A fill as it is kept: all that a bust, or a second report of it, needs to know. */
export type FillRecord = FillTerms & {
  readonly type: 'fill'
  readonly account: string
  readonly tradeId: string
  readonly time: EpochMs
  readonly entryId: string
  bustEntryId: string | undefined
}

export type SplitRecord = { readonly type: 'split'; readonly numerator: number; readonly denominator: number }

export type BookTotals = {
  readonly cash: Decimal
  readonly openCost: Decimal
  readonly realised: Decimal
  readonly fees: Decimal
  readonly quantity: Decimal
}

/** What an event does to a book: by how much each total goes up, and what of the position before it was closed (units unsigned). */
export type BookChange = BookTotals & { readonly closedQuantity: Decimal; readonly closedCost: Decimal }

const emptyTotals: BookTotals = { cash: zero, openCost: zero, realised: zero, fees: zero, quantity: zero }

export const noChange: BookChange = { ...emptyTotals, closedQuantity: zero, closedCost: zero }

/** The fills of one symbol and what they add up to: cash + openCost + fees − realised = 0 at any time. First in, first out. */
export class SymbolBook {
  asset: string | undefined
  totals = emptyTotals
  /** The position as it was last shown: it holds while `totals` is still that object. */
  shown: { readonly totals: BookTotals; readonly position: LedgerPosition } | undefined
  openedAt: EpochMs = 0
  readonly history: (FillRecord | SplitRecord)[] = []
  readonly fills = new Map<string, FillRecord>()
  /** Busts that came before their fill: the entry that noted each. */
  readonly earlyBusts = new Map<string, string>()
  #lots: Lot[] = []
  /** Lots before it are used up. */
  #firstLot = 0

  constructor(readonly symbol: string) {}

  lots(): readonly Readonly<Lot>[] {
    return this.#firstLot === 0 ? this.#lots : this.#lots.slice(this.#firstLot)
  }

  applyFill(tradeId: string, time: EpochMs, figures: FillFigures): BookChange {
    const { totals } = this
    const { units, price } = figures
    const adds = totals.quantity.eq(zero) || totals.quantity.isNegative() === units.isNegative()
    const closed = adds ? undefined : this.#close(units.abs())
    const closedSigned =
      closed === undefined ? zero : totals.quantity.isNegative() ? closed.quantity.neg() : closed.quantity
    const opened = closed === undefined ? units : units.plus(closedSigned)
    let openCost = closed === undefined ? zero : closed.cost.neg()
    if (!opened.eq(zero)) {
      const cost = opened.times(price)
      if (this.#lots.length === this.#firstLot) this.openedAt = time
      this.#lots.push({ tradeId, openedAt: time, quantity: opened, cost, price })
      openCost = closed === undefined ? cost : openCost.plus(cost)
    }
    const change: BookChange = {
      cash: figures.cash,
      openCost,
      realised: closed === undefined ? zero : closedSigned.times(price).minus(closed.cost),
      fees: figures.fee,
      quantity: units,
      closedQuantity: closed?.quantity ?? zero,
      closedCost: closed?.cost ?? zero,
    }
    this.totals = {
      cash: totals.cash.plus(change.cash),
      openCost: totals.openCost.plus(openCost),
      realised: closed === undefined ? totals.realised : totals.realised.plus(change.realised),
      fees: totals.fees.plus(change.fees),
      quantity: totals.quantity.plus(units),
    }
    return change
  }

  /** Takes up to `units` off the oldest lots. */
  #close(units: Decimal): { readonly quantity: Decimal; readonly cost: Decimal } {
    let left = units
    let cost = zero
    while (this.#firstLot < this.#lots.length && !left.eq(zero)) {
      const lot = this.#lots[this.#firstLot] as Lot
      const held = lot.quantity.abs()
      if (held.lte(left)) {
        cost = cost.plus(lot.cost)
        left = left.minus(held)
        this.#firstLot += 1
        continue
      }
      const part = lot.quantity.isNegative() ? left.neg() : left
      const share =
        lot.price === undefined
          ? divide(lot.cost.times(part), lot.quantity, splitPlaces, 'half-even')
          : lot.price.times(part)
      lot.quantity = lot.quantity.minus(part)
      lot.cost = lot.cost.minus(share)
      cost = cost.plus(share)
      left = zero
    }
    this.#dropUsedLots()
    return { quantity: units.minus(left), cost }
  }

  #dropUsedLots(): void {
    if (this.#firstLot === this.#lots.length) this.#lots = []
    else if (this.#firstLot > 64 && this.#firstLot * 2 > this.#lots.length)
      this.#lots = this.#lots.slice(this.#firstLot)
    else return
    this.#firstLot = 0
  }

  /** Changes units, not cost. Only where no unit is left is the cost realised as a loss (or a short's gain). */
  applySplit(split: SplitRecord): BookChange {
    const { totals } = this
    if (totals.quantity.eq(zero)) return noChange
    const ratio = { numerator: decimal(String(split.numerator)), denominator: decimal(String(split.denominator)) }
    const scaled = (quantity: Decimal) =>
      divide(quantity.times(ratio.numerator), ratio.denominator, splitPlaces, 'down')
    const quantity = scaled(totals.quantity)
    const lots: Lot[] = []
    let left = quantity
    let carried = zero
    const before = this.lots()
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
    this.#firstLot = 0
    const writtenOff = last === undefined ? totals.openCost : zero
    this.totals = {
      ...totals,
      quantity,
      openCost: totals.openCost.minus(writtenOff),
      realised: totals.realised.minus(writtenOff),
    }
    return changeBetween(totals, this.totals)
  }

  /** Brings about the state as if the busted fills had never been: all of the history that is left, again. */
  replay(currency: string): BookChange {
    const before = this.totals
    this.totals = emptyTotals
    this.#lots = []
    this.#firstLot = 0
    this.openedAt = 0
    for (const record of this.history) {
      if (record.type === 'split') this.applySplit(record)
      else if (record.bustEntryId === undefined)
        this.applyFill(record.tradeId, record.time, fillFigures(record, currency))
    }
    return changeBetween(before, this.totals)
  }
}

function changeBetween(before: BookTotals, after: BookTotals): BookChange {
  return {
    cash: after.cash.minus(before.cash),
    openCost: after.openCost.minus(before.openCost),
    realised: after.realised.minus(before.realised),
    fees: after.fees.minus(before.fees),
    quantity: after.quantity.minus(before.quantity),
    closedQuantity: zero,
    closedCost: zero,
  }
}
