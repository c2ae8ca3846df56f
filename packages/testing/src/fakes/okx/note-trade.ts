import { type Decimal, decimal, decimalText, divide, zero } from '@tradeswarm/trading'
import type { Bill, OkxLedger } from './okx-ledger.js'
import type { OkxLastFill, OkxOrder } from './okx-order.js'

/**
 * Notes an execution, and a bill for each currency that it has moved; `balanceOf` is what is held of it now, `position` what the margin of
 * an isolated position is now, and by how much it has changed.
 */
export function noteTrade(
  order: OkxOrder,
  fill: OkxLastFill,
  ledger: OkxLedger,
  balanceOf: (currency: string) => string,
  position: NonNullable<Bill['position']>,
): void {
  const { listing, side } = order.terms
  const [units, price, fee] = [decimal(fill.size), decimal(fill.price), decimal(fill.fee)]
  const worth = units.times(price).times(listing.unit)
  const charged = fill.feeCcy === listing.base ? units : worth
  ledger.noteFill(order, fill, charged.eq(zero) ? '0' : decimalText(divide(fee, charged, 8, 'half-even')))
  const note = (currency: string, change: Decimal): void => {
    const withFee = fill.feeCcy === currency ? change.plus(fee) : change
    const changed = { currency, balance: balanceOf(currency), change: decimalText(withFee), position }
    ledger.noteTradeBill(order, fill, { listing, ...changed, time: fill.time })
  }
  if (listing.instType === 'SWAP') {
    note(listing.quote, decimal(fill.pnl).minus(position.change))
    return
  }
  const isBuy = side === 'buy'
  note(listing.base, isBuy ? units : zero.minus(units))
  note(listing.quote, isBuy ? zero.minus(worth) : worth)
}
