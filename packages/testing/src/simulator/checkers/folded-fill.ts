import type { LedgerEvent } from '@tradeswarm/trading'
import { type Exact, exact, times } from '../exact.js'
import { rankOf } from './folded-order.js'
import { moveUnits, sideOf } from './folded-units.js'
import type { JournalFold } from './journal-fold.js'

type Figures = Pick<Extract<LedgerEvent, { type: 'fill' }>, 'price' | 'quantity' | 'fee'>

/** What a correction gives other values. */
export function figuresOf({ price, quantity, fee }: Figures): Figures {
  return { price, quantity, fee }
}

/** The latest of several corrections holds; units that it adds, or takes off, count from when they were executed. */
export function correctFill(fold: JournalFold, event: Extract<LedgerEvent, { type: 'correction' }>): void {
  const trade = `${event.symbol} ${event.tradeId}`
  const known = fold.corrected.get(trade)
  if (known !== undefined && rankOf(known) >= rankOf(event)) return
  fold.corrected.set(trade, event)
  const fill = fold.booked.get(`fill ${trade}`)
  if (fill?.type !== 'fill') return
  const next = { ...fill, ...figuresOf(event) }
  fold.booked.set(`fill ${trade}`, next)
  if (fold.booked.has(`bust ${trade}`)) return
  moveCash(fold, fill, -1n)
  moveCash(fold, next, 1n)
  const units = unitsIn(next) - unitsIn(fill)
  if (units !== 0n) moveUnits(fold, fill.symbol, fill.time, units)
}

/** What an execution adds to the position, a fee that is taken in it included. */
function unitsIn({ asset, side, quantity, fee, feeCurrency }: Extract<LedgerEvent, { type: 'fill' }>): Exact {
  return (side === 'buy' ? exact(quantity) : -exact(quantity)) - (feeCurrency === asset ? exact(fee) : 0n)
}

/** Takes an execution in, or back. */
export function moveFill(fold: JournalFold, fill: Extract<LedgerEvent, { type: 'fill' }>, sign: 1n | -1n): void {
  const { symbol } = fill
  const before = sideOf(fold, symbol)
  moveCash(fold, fill, sign)
  if (fold.contracts.has(symbol)) moveContract(fold, fill, sign)
  moveUnits(fold, symbol, fill.time, sign * unitsIn(fill))
  const after = sideOf(fold, symbol)
  const header = fill.orderId === undefined ? undefined : fold.orders.get(fill.orderId)?.header
  // Who enters anew after a flattening, enters; an exit enters nothing. Less than a lot cannot be left, so who enters beside it enters anew.
  if (sign === -1n || after === undefined || after === before || header?.request.reduceOnly === true) return
  fold.toLeave.delete(symbol)
  if (header?.exits !== undefined) fold.planned.set(symbol, after)
}

function moveContract(
  { contracts, contractTrades }: JournalFold,
  { symbol, tradeId, side, price, quantity }: Extract<LedgerEvent, { type: 'fill' }>,
  sign: 1n | -1n,
): void {
  const trades = contractTrades.get(symbol) ?? []
  const unitPrice = times(exact(price), contracts.get(symbol)?.multiplier ?? 0n)
  const units = side === 'buy' ? exact(quantity) : -exact(quantity)
  contractTrades.set(
    symbol,
    sign === 1n ? [...trades, { tradeId, units, unitPrice }] : trades.filter((trade) => trade.tradeId !== tradeId),
  )
}

function moveCash(fold: JournalFold, fill: Extract<LedgerEvent, { type: 'fill' }>, sign: 1n | -1n): void {
  const { asset, side, feeCurrency, currency = fold.currency } = fill
  const direction = side === 'buy' ? sign : -sign
  const quantity = exact(fill.quantity)
  const fee = sign * exact(fill.fee)
  const pay = (name: string, amount: Exact): void => void fold.cashIn.set(name, (fold.cashIn.get(name) ?? 0n) - amount)
  // What closing a contract has made is paid out, and nothing else.
  if (fold.contracts.has(fill.symbol)) pay(currency, -sign * exact(fill.realised ?? '0'))
  else pay(currency, direction * times(exact(fill.price), quantity))
  if (feeCurrency !== asset) pay(feeCurrency, fee)
}
