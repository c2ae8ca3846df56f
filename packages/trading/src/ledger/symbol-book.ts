import type { EpochMs } from '@tradeswarm/core'
import { IdIndex } from '../kernel/id-index.js'
import { type Decimal, decimal, zero } from '../money/decimal.js'
import type { BookRecord, DatedSplit, EarlyCorrection, FillRecord, SplitRecord, UnitsRecord } from './book-record.js'
import { ForgottenFills } from './forgotten-fills.js'
import { type BookedFill, bookedAmounts, type CountedUnits, fillFigures, worthOfUnit } from './ledger-amounts.js'
import type { LedgerPosition } from './ledger-port.js'
import { type Lot, type LotMethod, OpenLots, shareOf } from './open-lots.js'
import { datedSplits, historyUntil, neverSplit, placeAmongSplits, withSplit } from './order-in-time.js'

/** In the settlement currency, but for quantity (units) and other fees (each in its currency). */
export type BookTotals = {
  readonly cash: Decimal
  /** Of a contract, which nothing is paid for, what its units stood for when they were entered: no part of the balances. */
  readonly openCost: Decimal
  readonly realised: Decimal
  readonly fees: Decimal
  readonly quantity: Decimal
  /** What came in without a trade, at its cost, less what went out. */
  readonly contributed: Decimal
  readonly otherFees: ReadonlyMap<string, Decimal> | undefined
}

/** What an event does to a book: by how much each total goes up, and what of the position before it was closed (units unsigned). */
export type BookChange = BookTotals & { readonly closedQuantity: Decimal; readonly closedCost: Decimal }

const emptyTotals: BookTotals = {
  cash: zero,
  openCost: zero,
  realised: zero,
  fees: zero,
  quantity: zero,
  contributed: zero,
  otherFees: undefined,
}

export const noChange: BookChange = { ...emptyTotals, closedQuantity: zero, closedCost: zero }

/** Where a book's history begins, once what lies before it is forgotten. */
export type FoldedHistory = {
  readonly totals: BookTotals
  readonly lots: readonly Readonly<Lot>[]
  readonly openedAt: EpochMs
}

const noSplits: readonly never[] = Object.freeze([])

/** Nothing was forgotten. */
export const noHistory: FoldedHistory = { totals: emptyTotals, lots: [], openedAt: 0 }

/**
 * Units for a price or for a cost. Cash pays for them, or nothing does: what they cost is then contributed. Units of a contract that come
 * without a trade realise nothing, since no money moves.
 */
type Trade = {
  readonly tradeId: string
  readonly time: EpochMs
  readonly units: Decimal
  readonly price: Decimal | undefined
  readonly cost: Decimal | undefined
  readonly paid: BookedFill | undefined
  readonly otherFees: ReadonlyMap<string, Decimal> | undefined
}

/**
 * The history of one symbol and what it adds up to: cash + openCost + fees − realised − contributed = 0 at any time; of a contract the same
 * without openCost.
 */
export class SymbolBook {
  asset: string | undefined
  /** What it settles in: known with its first units. */
  currency: string | undefined
  /** Known with its first units as well; undefined where it is 1. */
  multiplier: Decimal | undefined
  isContract = false
  #totals = emptyTotals
  /** The position as it was last shown: it holds while `totals` is still that object. */
  shown: { readonly totals: BookTotals; readonly position: LedgerPosition } | undefined
  /** What its units were worth when it was last asked, while `totals` and the price are those objects still; a part of `LedgerState.valued`. */
  valued: { readonly totals: BookTotals; readonly price: Decimal; readonly worth: Decimal } | undefined
  openedAt: EpochMs = 0
  /** Splits of its history that say from when they hold, and from when the last of them does. */
  splits: readonly DatedSplit[] = noSplits
  splitAt: EpochMs = neverSplit
  folded: FoldedHistory = noHistory
  history: BookRecord[] = []
  readonly fills = new IdIndex<Mutable<FillRecord>>()
  /** The fills that were folded. */
  readonly forgotten = new ForgottenFills()
  /** Busts that came before their fill: the entry that noted each. */
  readonly earlyBusts = new Map<string, string>()
  readonly earlyCorrections = new Map<string, EarlyCorrection>()
  #lots: OpenLots
  readonly #moved: Set<SymbolBook> | undefined

  /** `moved` is told of the book each time that its totals change. */
  constructor(
    readonly symbol: string,
    readonly method: LotMethod,
    moved?: Set<SymbolBook>,
  ) {
    this.#lots = new OpenLots(method)
    this.#moved = moved
  }

  get totals(): BookTotals {
    return this.#totals
  }

  set totals(totals: BookTotals) {
    this.#totals = totals
    this.#moved?.add(this)
  }

  lots(): readonly Readonly<Lot>[] {
    return this.#lots.list()
  }

  /** Whether nothing was ever heard of its symbol. */
  isUnused(): boolean {
    const heard = this.earlyBusts.size + this.earlyCorrections.size + this.forgotten.size
    return this.history.length === 0 && heard === 0 && this.folded === noHistory
  }

  /** How its units count, before the first of them come. Venues keep contracts at their average price, so these books do too. */
  takeTerms({ multiplier, isContract }: CountedUnits): void {
    this.multiplier = multiplier
    this.isContract = isContract
    if (isContract && this.#lots.method !== 'average') this.#lots = new OpenLots('average')
  }

  /** Knows no more what its units are, where the first of them were taken out again. */
  forgetTerms({ currency }: Pick<SymbolBook, 'currency'>): void {
    this.asset = undefined
    this.currency = currency
    this.multiplier = undefined
    this.isContract = false
    if (this.#lots.method !== this.method) this.#lots = new OpenLots(this.method)
  }

  applyFill(fill: Pick<FillRecord, 'tradeId' | 'time' | 'feeCurrency'>, figures: BookedFill): BookChange {
    const { units, price, otherFee } = figures
    const { tradeId, time } = fill
    const otherFees = otherFee === undefined ? undefined : new Map([[fill.feeCurrency, otherFee]])
    return this.#trade({ tradeId, time, units, price, cost: undefined, paid: figures, otherFees })
  }

  #trade(trade: Trade): BookChange {
    const { totals } = this
    const { tradeId, time, units, price, paid, otherFees } = trade
    const short = totals.quantity.lt(zero)
    const adds = totals.quantity.eq(zero) || short === units.lt(zero)
    const closed = adds ? undefined : this.#lots.take(units.abs())
    const closedSigned = closed === undefined ? zero : short ? closed.quantity.neg() : closed.quantity
    const proceeds = closed === undefined ? zero : worthOf(trade, closedSigned)
    const opened = closed === undefined ? units : units.plus(closedSigned)
    let openCost = closed === undefined ? zero : closed.cost.neg()
    if (!opened.eq(zero)) {
      const cost = price === undefined ? (trade.cost ?? zero).plus(proceeds) : opened.times(price)
      if (this.#lots.empty) this.openedAt = time
      this.#lots.add({ tradeId, openedAt: time, quantity: opened, cost, price })
      openCost = closed === undefined ? cost : openCost.plus(cost)
    }
    const isUnpaid = paid === undefined && this.isContract
    const realised = paid?.realised ?? (closed === undefined || isUnpaid ? zero : proceeds.minus(closed.cost))
    const change: BookChange = {
      cash: paid === undefined ? zero : this.isContract ? realised.minus(paid.fee) : paid.cash,
      openCost,
      realised,
      fees: paid?.fee ?? zero,
      quantity: units,
      contributed: paid === undefined && !isUnpaid ? openCost.minus(realised) : zero,
      otherFees,
      closedQuantity: closed?.quantity ?? zero,
      closedCost: closed?.cost ?? zero,
    }
    this.totals = {
      cash: paid === undefined ? totals.cash : totals.cash.plus(change.cash),
      openCost: totals.openCost.plus(openCost),
      realised: realised.isZero() ? totals.realised : totals.realised.plus(realised),
      fees: paid === undefined ? totals.fees : totals.fees.plus(change.fees),
      quantity: totals.quantity.plus(units),
      contributed: paid === undefined ? totals.contributed.plus(change.contributed) : totals.contributed,
      otherFees: sumOfFees(totals.otherFees, otherFees, 'plus'),
    }
    return change
  }

  /** Units that no cash paid for. What goes out takes the cost of its lots along and realises nothing. */
  applyUnits(record: UnitsRecord): BookChange {
    const units = decimal(record.quantity)
    const price = record.price === undefined ? undefined : worthOfUnit(decimal(record.price), this)
    if (price !== undefined || record.cost !== undefined) {
      const cost = record.cost === undefined ? undefined : decimal(record.cost)
      const { eventId: tradeId, time } = record
      return this.#trade({ tradeId, time, units, price, cost, paid: undefined, otherFees: undefined })
    }
    const before = this.totals
    const long = before.quantity.gt(zero)
    const opposite = !before.quantity.eq(zero) && long === units.lt(zero)
    const taken = opposite ? this.#lots.take(units.abs()) : { quantity: zero, cost: zero }
    const missing = units.plus(long ? taken.quantity : taken.quantity.neg())
    if (!missing.eq(zero)) {
      if (this.#lots.empty) this.openedAt = record.time
      this.#lots.add({
        tradeId: record.eventId,
        openedAt: record.time,
        quantity: missing,
        cost: zero,
        price: undefined,
      })
    }
    this.totals = {
      ...before,
      quantity: before.quantity.plus(units),
      openCost: before.openCost.minus(taken.cost),
      contributed: this.isContract ? before.contributed : before.contributed.minus(taken.cost),
    }
    return changeBetween(before, this.totals)
  }

  /** Changes units, not cost. Only where no unit is left, or a fraction is paid out, is cost realised. */
  applySplit(split: SplitRecord): BookChange {
    const before = this.totals
    if (!before.quantity.eq(zero)) {
      const numerator = decimal(String(split.numerator))
      const quantity = this.#lots.split(before.quantity, numerator, decimal(String(split.denominator)))
      const writtenOff = this.#lots.empty ? before.openCost : zero
      this.totals = {
        ...before,
        quantity,
        openCost: before.openCost.minus(writtenOff),
        realised: before.realised.minus(writtenOff),
      }
    }
    if (split.cashInLieu !== undefined) this.#payFraction(split.cashInLieu)
    return this.totals === before ? noChange : changeBetween(before, this.totals)
  }

  #payFraction(paid: NonNullable<SplitRecord['cashInLieu']>): void {
    const { totals } = this
    const amount = decimal(paid.amount)
    const taken = this.#lots.take(decimal(paid.quantity))
    this.totals = {
      ...totals,
      cash: totals.cash.plus(amount),
      openCost: totals.openCost.minus(taken.cost),
      realised: totals.realised.plus(amount).minus(taken.cost),
      quantity: totals.quantity.lt(zero) ? totals.quantity.plus(taken.quantity) : totals.quantity.minus(taken.quantity),
    }
  }

  /** Books an execution of before a split that is in the books already: in the units of its time. */
  applyLateFill(record: FillRecord): BookChange {
    const { totals: before } = this
    this.history.splice(placeAmongSplits(this.history, record.time), 0, record)
    const change = this.replay()
    const { quantity } = before
    if (quantity.isZero() || quantity.gt(zero) === change.quantity.gt(zero)) return change
    const isFlip = change.quantity.abs().gt(quantity.abs())
    return {
      ...change,
      closedQuantity: isFlip ? quantity.abs() : change.quantity.abs(),
      closedCost: isFlip ? before.openCost : change.openCost.neg(),
    }
  }

  /** Books a split from when it holds, whatever was booked before it. `since` is what was, and counts in its units already. */
  insertSplit(split: SplitRecord & DatedSplit): { readonly change: BookChange; readonly since: readonly BookRecord[] } {
    const { history, since } = withSplit(this.history, split)
    this.history = history
    this.noteSplits()
    return { change: since.length === 0 ? this.applySplit(split) : this.replay(), since }
  }

  /** To be called when splits came into its history, or went. */
  noteSplits(): void {
    this.splits = datedSplits(this.history)
    this.splitAt = this.splits.at(-1)?.time ?? neverSplit
  }

  /** What was held just before an instant, in the units of then; all of it where nothing came later. What is settled counts as held since. */
  unitsAt(time: EpochMs): Decimal {
    if (this.splitAt <= time && !this.history.some((record) => record.type !== 'split' && record.time > time))
      return this.totals.quantity
    const then = new SymbolBook(this.symbol, this.method)
    then.currency = this.currency
    then.takeTerms(this)
    then.#runFrom(this.folded, historyUntil(this.history, time))
    return then.totals.quantity
  }

  /** Brings about the state as if the busted fills had never been and the corrected ones had always been right: all of the history, again. */
  replay(): BookChange {
    const before = this.totals
    this.#runFrom(this.folded, this.history)
    return changeBetween(before, this.totals)
  }

  /** Folds the first so many records into the lots that they left. No figure of now changes. */
  fold(count: number): void {
    const before = new SymbolBook(this.symbol, this.method)
    before.currency = this.currency
    before.takeTerms(this)
    before.#runFrom(this.folded, this.history.slice(0, count))
    this.folded = { totals: before.totals, lots: before.lots(), openedAt: before.openedAt }
    this.history = this.history.slice(count)
    if (this.splits.length > 0) this.noteSplits()
  }

  #figuresOf(record: FillRecord): BookedFill {
    const figures = fillFigures(record, bookedAmounts(record), this.currency ?? '', this)
    return record.realised === undefined ? figures : { ...figures, realised: decimal(record.realised) }
  }

  #runFrom(start: FoldedHistory, records: readonly BookRecord[]): void {
    this.totals = start.totals
    this.#lots.reset(start.lots)
    this.openedAt = start.openedAt
    for (const record of records) {
      if (record.type === 'split') this.applySplit(record)
      else if (record.type !== 'fill') this.applyUnits(record)
      else if (record.bustEntryId === undefined) this.applyFill(record, this.#figuresOf(record))
    }
  }
}

/** A record that its book may change. */
export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** What part of the units of a trade (signed as held, against the trade) brings in. */
function worthOf({ units, price, cost = zero }: Trade, part: Decimal): Decimal {
  return price === undefined ? shareOf(cost, part, units) : part.times(price)
}

/** Fees by currency, added or taken off. */
function sumOfFees(
  fees: ReadonlyMap<string, Decimal> | undefined,
  more: ReadonlyMap<string, Decimal> | undefined,
  sign: 'plus' | 'minus',
): ReadonlyMap<string, Decimal> | undefined {
  if (more === undefined) return fees
  const sum = new Map(fees)
  for (const [currency, amount] of more) sum.set(currency, (sum.get(currency) ?? zero)[sign](amount))
  return sum
}

function changeBetween(before: BookTotals, after: BookTotals): BookChange {
  return {
    cash: after.cash.minus(before.cash),
    openCost: after.openCost.minus(before.openCost),
    realised: after.realised.minus(before.realised),
    fees: after.fees.minus(before.fees),
    quantity: after.quantity.minus(before.quantity),
    contributed: after.contributed.minus(before.contributed),
    otherFees: after.otherFees === before.otherFees ? undefined : sumOfFees(after.otherFees, before.otherFees, 'minus'),
    closedQuantity: zero,
    closedCost: zero,
  }
}
