import type { CorrectionEvent, FillEvent, LedgerEvent, SplitEvent, UnitTerms } from './ledger-event.js'
import { baseCurrency } from './ledger-events.test-support.js'
import type { LotMethod } from './open-lots.js'

/**
 * The books once more, the slow and simple way, without the ledger's code: whole numbers of 1e-60, plain arrays, busts and corrections
 * settled before the count begins. It takes events that the ledger accepted, each once.
 */
export function naiveBooks(events: readonly LedgerEvent[], method: LotMethod) {
  const busted = new Set(events.flatMap((event) => (event.type === 'bust' ? [event.tradeId] : [])))
  const books: Books = { symbols: {}, currencies: {}, method }
  for (const event of events) {
    if (event.type === 'fill' && !busted.has(event.tradeId)) countFill(books, event, latestCorrection(events, event))
    else if (event.type === 'split') countSplit(books, event)
    else if (event.type === 'opening' || event.type === 'adoption' || event.type === 'transfer')
      countArrival(books, event)
    else if (event.type !== 'fill' && event.type !== 'bust' && event.type !== 'correction') countCash(books, event)
  }
  for (const symbol of Object.values(books.symbols)) {
    const sums = currencyOf(books, symbol.currency)
    if (!symbol.contract) sums.openCost += total(symbol.lots.map((lot) => lot.cost))
    sums.realised += symbol.realised
  }
  return {
    currencies: Object.fromEntries(
      Object.entries(books.currencies).map(([name, sums]) => [name, mapValues(sums, textOf)]),
    ),
    symbols: Object.fromEntries(
      Object.entries(books.symbols).map(([name, { lots, realised, currency }]) => [
        name,
        {
          currency,
          realised: textOf(realised),
          quantity: textOf(total(lots.map((lot) => lot.units))),
          openCost: textOf(total(lots.map((lot) => lot.cost))),
          lots: lots.map((lot) => ({ quantity: textOf(lot.units), cost: textOf(lot.cost) })),
        },
      ]),
    ),
  }
}

type NaiveLot = { units: bigint; cost: bigint; price: bigint | undefined }
type NaiveSymbol = {
  lots: NaiveLot[]
  realised: bigint
  readonly currency: string
  multiplier: bigint
  contract: boolean
  method: LotMethod
}
type Sums = Record<'cash' | 'openCost' | 'realised' | 'fees' | 'income' | 'netDeposits', bigint>
type Books = {
  readonly symbols: Record<string, NaiveSymbol>
  readonly currencies: Record<string, Sums>
  readonly method: LotMethod
}

const places = 60
const unit = 10n ** BigInt(places)
const kept = 10n ** BigInt(places - 18)

export function numberOf(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const units = BigInt(whole + fraction.padEnd(places, '0'))
  return text.startsWith('-') ? -units : units
}

export function textOf(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0')
  const text = `${digits.slice(0, -places)}.${digits.slice(-places)}`.replace(/\.?0+$/, '')
  return value < 0n ? `-${text}` : text
}

function product(a: bigint, b: bigint): bigint {
  if ((a * b) % unit !== 0n) throw new Error('a product does not fit into 60 places')
  return (a * b) / unit
}

/** a × b / c to 18 decimals: cut, or to the nearest with halves to the even digit. */
function proportion(a: bigint, b: bigint, c: bigint, rounding: 'cut' | 'nearest'): bigint {
  const negative = a * b < 0n !== c < 0n
  const [top, bottom] = [abs(a * b), abs(c) * kept]
  let quotient = top / bottom
  const twice = (top % bottom) * 2n
  if (rounding === 'nearest' && (twice > bottom || (twice === bottom && quotient % 2n === 1n))) quotient += 1n
  return (negative ? -quotient : quotient) * kept
}

const abs = (value: bigint) => (value < 0n ? -value : value)
const total = (values: readonly bigint[]) => values.reduce((sum, value) => sum + value, 0n)

function mapValues<K extends string, A, B>(record: Record<K, A>, change: (value: A) => B): Record<K, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value as A)])) as Record<K, B>
}

function currencyOf(books: Books, name: string): Sums {
  books.currencies[name] ??= { cash: 0n, openCost: 0n, realised: 0n, fees: 0n, income: 0n, netDeposits: 0n }
  return books.currencies[name]
}

function symbolOf(books: Books, name: string, currency = baseCurrency): NaiveSymbol {
  books.symbols[name] ??= {
    lots: [],
    realised: 0n,
    currency,
    multiplier: unit,
    contract: false,
    method: books.method,
  }
  return books.symbols[name]
}

/** Contracts are kept at their average price, whatever the method. */
function withTerms(symbol: NaiveSymbol, { multiplier, settlement }: UnitTerms): NaiveSymbol {
  symbol.multiplier = numberOf(multiplier ?? '1')
  symbol.contract = settlement === 'margin'
  if (symbol.contract) symbol.method = 'average'
  return symbol
}

function latestCorrection(events: readonly LedgerEvent[], fill: FillEvent): FillEvent | CorrectionEvent {
  const order = (event: CorrectionEvent) =>
    `${String(event.time).padStart(9, '0')} ${String(event.eventId.length).padStart(4, '0')} ${event.eventId}`
  const all = events.filter((event) => event.type === 'correction' && event.tradeId === fill.tradeId)
  return (
    (all.sort((a, b) => (order(a as CorrectionEvent) < order(b as CorrectionEvent) ? 1 : -1))[0] as CorrectionEvent) ??
    fill
  )
}

function countFill(books: Books, fill: FillEvent, terms: FillEvent | CorrectionEvent): void {
  const symbol = withTerms(symbolOf(books, fill.symbol, fill.currency), fill)
  const sums = currencyOf(books, symbol.currency)
  const [price, fee] = [product(numberOf(terms.price), symbol.multiplier), numberOf(terms.fee)]
  let units = numberOf(terms.quantity) * (fill.side === 'buy' ? 1n : -1n)
  if (!symbol.contract) sums.cash -= product(units, price)
  if (terms.feeCurrency === symbol.currency) {
    sums.cash -= fee
    sums.fees += fee
  } else if (terms.feeCurrency === fill.asset && !symbol.contract) {
    units -= fee
    sums.fees += product(fee, price)
  } else {
    const payer = currencyOf(books, terms.feeCurrency)
    payer.cash -= fee
    payer.fees += fee
  }
  const before = symbol.realised
  move(symbol, units, (part) => product(part, price), price)
  if (!symbol.contract) return
  if (terms.type === 'fill' && terms.realised !== undefined) symbol.realised = before + numberOf(terms.realised)
  sums.cash += symbol.realised - before
}

/** Closes against the lots of the other sign, one after the other, and opens a lot with what is left. */
function move(
  symbol: NaiveSymbol,
  units: bigint,
  worth: (part: bigint) => bigint,
  price: bigint | undefined,
  wholeCost = worth(units),
): void {
  const held = total(symbol.lots.map((lot) => lot.units))
  const against = held !== 0n && units !== 0n && held > 0n !== units > 0n
  const closing = against ? (abs(units) < abs(held) ? -units : held) : 0n
  const proceeds = closing === 0n ? 0n : worth(closing)
  symbol.realised += proceeds - takeUnits(symbol, closing)
  const opened = units + closing
  if (opened === 0n) return
  const cost = price === undefined ? wholeCost + proceeds : product(opened, price)
  const pool = symbol.method === 'average' ? symbol.lots[0] : undefined
  if (pool === undefined) symbol.lots.push({ units: opened, cost, price })
  else symbol.lots[0] = { units: pool.units + opened, cost: pool.cost + cost, price: undefined }
}

/** Takes units (signed as held) off the lots; what they had cost. */
function takeUnits(symbol: NaiveSymbol, units: bigint): bigint {
  let cost = 0n
  let left = units
  while (left !== 0n && symbol.lots.length > 0) {
    const index = symbol.method === 'lifo' ? symbol.lots.length - 1 : 0
    const lot = symbol.lots[index] as NaiveLot
    const part = abs(lot.units) <= abs(left) ? lot.units : left
    const share =
      part === lot.units
        ? lot.cost
        : lot.price === undefined
          ? proportion(lot.cost, part, lot.units, 'nearest')
          : product(lot.price, part)
    cost += share
    left -= part
    symbol.lots[index] = { ...lot, units: lot.units - part, cost: lot.cost - share }
    symbol.lots = symbol.lots.filter((one) => one.units !== 0n)
  }
  return cost
}

function countSplit(books: Books, { symbol: name, numerator, denominator, cashInLieu, currency }: SplitEvent): void {
  if (books.symbols[name] === undefined && cashInLieu === undefined) return
  const symbol = symbolOf(books, name, currency)
  const ratio = (units: bigint) => proportion(units, BigInt(numerator), BigInt(denominator), 'cut')
  const { lots } = symbol
  const after = lots.map((lot) => ({ ...lot, units: ratio(lot.units), price: undefined }))
  const last = after.at(-1)
  if (last !== undefined)
    last.units += ratio(total(lots.map((lot) => lot.units))) - total(after.map((lot) => lot.units))
  for (const [index, lot] of after.entries()) {
    if (lot.units !== 0n) continue
    const heir = after.slice(index + 1).find((one) => one.units !== 0n) ?? after.findLast((one) => one.units !== 0n)
    if (heir === undefined) symbol.realised -= lot.cost
    else heir.cost += lot.cost
  }
  symbol.lots = after.filter((lot) => lot.units !== 0n)
  if (cashInLieu === undefined) return
  const held = total(symbol.lots.map((lot) => lot.units))
  let fraction = numberOf(cashInLieu.quantity)
  if (fraction > abs(held)) fraction = abs(held)
  const amount = numberOf(cashInLieu.amount)
  currencyOf(books, symbol.currency).cash += amount
  symbol.realised += amount - takeUnits(symbol, held < 0n ? -fraction : fraction)
}

type Arrival = Extract<LedgerEvent, { readonly type: 'opening' | 'adoption' | 'transfer' }>

function countArrival(books: Books, event: Arrival): void {
  if (!('symbol' in event)) {
    const sums = currencyOf(books, event.currency ?? baseCurrency)
    sums.cash += numberOf(event.amount)
    sums.netDeposits += numberOf(event.amount)
    return
  }
  const symbol = withTerms(symbolOf(books, event.symbol, event.currency), event)
  const sums = currencyOf(books, symbol.currency)
  const units = numberOf(event.quantity)
  const before = symbol.realised
  if ('price' in event && event.price !== undefined) {
    const price = product(numberOf(event.price), symbol.multiplier)
    if (!symbol.contract) sums.netDeposits += product(units, price)
    move(symbol, units, (part) => product(part, price), price)
  } else if (event.cost !== undefined) {
    const cost = numberOf(event.cost)
    if (!symbol.contract) sums.netDeposits += cost
    move(symbol, units, (part) => proportion(cost, part, units, 'nearest'), undefined, cost)
  } else {
    const held = total(symbol.lots.map((lot) => lot.units))
    const against = held !== 0n && held > 0n !== units > 0n
    const taken = against ? (abs(units) < abs(held) ? -units : held) : 0n
    const cost = takeUnits(symbol, taken)
    if (!symbol.contract) sums.netDeposits -= cost
    const missing = units + taken
    const pool = symbol.method === 'average' ? symbol.lots[0] : undefined
    if (missing === 0n) return
    if (pool === undefined) symbol.lots.push({ units: missing, cost: 0n, price: undefined })
    else symbol.lots[0] = { units: pool.units + missing, cost: pool.cost, price: undefined }
  }
  if (symbol.contract) symbol.realised = before
}

type CashLike = Exclude<LedgerEvent, Arrival | { readonly type: 'fill' | 'bust' | 'correction' | 'split' }>

function countCash(books: Books, event: CashLike): void {
  const sums = currencyOf(books, event.currency ?? baseCurrency)
  const amount =
    event.type === 'dividend'
      ? product(numberOf(event.quantity), numberOf(event.amountPerUnit))
      : numberOf(event.amount)
  const received = event.type === 'withdrawal' || event.type === 'fee' || event.type === 'borrow' ? -amount : amount
  sums.cash += received
  if (event.type === 'deposit' || event.type === 'withdrawal') sums.netDeposits += received
  else if (event.type === 'fee') sums.fees += amount
  else sums.income += received
}
