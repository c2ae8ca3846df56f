import { SwarmError } from '@tradeswarm/core'
import { zero } from '../money/decimal.js'
import { checkUnits, takeUnits } from './apply-fill.js'
import type { DatedSplit, SplitRecord, UnitsRecord } from './book-record.js'
import {
  checkName,
  checkUnitWorth,
  invalidField,
  moneyAmount,
  unitPrice,
  unitQuantity,
  unitsCost,
} from './ledger-amounts.js'
import type { PositionEvent, SplitEvent } from './ledger-event.js'
import type { LedgerResult } from './ledger-port.js'
import { bookOf, checkCurrency, currencyBookOf, type LedgerState } from './ledger-state.js'
import { noHistory, type SymbolBook } from './symbol-book.js'
import { bookChange } from './write-entry.js'

/** Units that come in without a trade, at their cost, or go out. */
export function applyPositionEvent(state: LedgerState, event: PositionEvent): LedgerResult {
  const known = state.books.get(event.symbol)
  const currency = event.currency ?? state.base.currency
  const record = checkedUnits(event, known)
  const multiplier = checkUnits(state, event, known, currency)
  if (record.price !== undefined) checkUnitWorth(unitPrice(record.price, 'price'), multiplier, `${event.type}.price`)
  const book = known ?? bookOf(state, event.symbol)
  if (book.asset === undefined) takeUnits(book, event, currency)
  book.history.push(record)
  const change = book.applyUnits(record)
  if (event.type === 'opening') currencyBookOf(state, currency).add('openings', change.contributed)
  else if (event.type === 'adoption') currencyBookOf(state, currency).add('adoptions', change.contributed)
  else currencyBookOf(state, currency)
  return bookChange(state, event, book, change)
}

function checkedUnits(event: PositionEvent, book: SymbolBook | undefined): UnitsRecord {
  const { type, eventId, time, quantity } = event
  const units = unitQuantity(quantity, `${type}.quantity`)
  if (units.eq(zero)) throw invalidField(`${type}.quantity`, 'must not be 0')
  const cost = 'cost' in event ? event.cost : undefined
  const price = 'price' in event ? event.price : undefined
  if (cost !== undefined && price !== undefined)
    throw invalidField(`${type}.price`, 'is given together with a cost; state one of them')
  if (cost !== undefined) {
    const sum = unitsCost(cost, `${type}.cost`)
    if (!sum.eq(zero) && sum.lt(zero) !== units.lt(zero))
      throw invalidField(`${type}.cost`, `must be signed like the quantity ${quantity}, not "${cost}"`)
    return { type, eventId, time, quantity, cost }
  }
  if (price !== undefined) {
    if (unitPrice(price, `${type}.price`).lte(zero))
      throw invalidField(`${type}.price`, `must be above 0, not "${price}"`)
    return { type, eventId, time, quantity, price }
  }
  if (type !== 'transfer') throw invalidField(`${type}.cost`, 'is missing')
  const held = book?.totals.quantity ?? zero
  if (held.gt(zero) === units.gt(zero) || units.abs().gt(held.abs()))
    throw invalidField(
      `${type}.quantity`,
      `must be of units held where no cost comes with them, not "${quantity}" of ${held.toFixed()}`,
    )
  return { type, eventId, time, quantity }
}

/** Multiplies the units of a position; cost, cash and equity stay, but for a fraction that is paid out. */
export function applySplit(state: LedgerState, event: SplitEvent): LedgerResult {
  for (const field of ['numerator', 'denominator'] as const) {
    if (Number.isSafeInteger(event[field]) && event[field] > 0) continue
    throw invalidField(`split.${field}`, `${event[field]} is not a whole number above 0`)
  }
  const known = state.books.get(event.symbol)
  if (known === undefined) checkName(event.symbol, 'split.symbol')
  if (known?.isContract === true)
    throw invalidField('split.symbol', `${event.symbol} is a contract, which is not split`)
  const { numerator, denominator, cashInLieu } = event
  const currency = event.currency ?? state.base.currency
  if (cashInLieu !== undefined) {
    if (known?.currency === undefined) checkCurrency(state, currency, 'split.currency')
    else if (known.currency !== currency)
      throw invalidField(
        'split.currency',
        `must be ${known.currency}, which ${event.symbol} settles in, not ${currency}`,
      )
    moneyAmount(cashInLieu.amount, 'split.cashInLieu.amount')
    if (unitQuantity(cashInLieu.quantity, 'split.cashInLieu.quantity').lte(zero))
      throw invalidField('split.cashInLieu.quantity', `must be above 0, not "${cashInLieu.quantity}"`)
  }
  const { time } = event
  const record: SplitRecord & DatedSplit = {
    type: 'split',
    time,
    numerator,
    denominator,
    ...(cashInLieu === undefined ? {} : { cashInLieu: { quantity: cashInLieu.quantity, amount: cashInLieu.amount } }),
  }
  refuseFolded(state, event, known)
  const book = known ?? bookOf(state, event.symbol)
  if (cashInLieu !== undefined) book.currency = currency
  const { change, since } = book.insertSplit(record)
  const fills = since.filter((each) => each.type === 'fill')
  const result = bookChange(state, event, book, change)
  return fills.length === 0 ? result : { ...result, since: fills }
}

/** What is folded is in one kind of units: of a split that lies within it nobody can say what it changes. */
function refuseFolded({ horizon }: LedgerState, { symbol, time }: SplitEvent, book: SymbolBook | undefined): void {
  if (horizon === undefined || time >= horizon.time || book === undefined || book.folded === noHistory) return
  throw new SwarmError({
    code: 'LEDGER_HORIZON_PASSED',
    message: `split of ${symbol}: it holds from ${time}, and what was before ${horizon.time} is settled; correct the position by an adoption or a transfer`,
    context: { field: 'split.time' },
  })
}
