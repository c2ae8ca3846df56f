import { type Decimal, decimal, decimalText, type VenueBalance, zero } from '@tradeswarm/trading'
import type { OkxBalance, OkxPosition } from './parse-account.js'

/**
 * What an account holds, by asset: cash and coins by currency, with what is set aside for isolated positions, and contracts by swap. OKX keeps
 * a position of each margin mode, and no order closes one of the other: such a one is a holding by itself, `BTC-USDT-SWAP on cross margin`.
 */
export function holdingsOf(
  balances: readonly OkxBalance[],
  positions: readonly OkxPosition[],
  own: OkxPosition['marginMode'],
): readonly VenueBalance[] {
  const totals = new Map<string, Decimal>()
  const add = (asset: string, amount: string): void =>
    void totals.set(asset, (totals.get(asset) ?? zero).plus(decimal(amount)))
  for (const { currency, total } of balances) add(currency, total)
  for (const { symbol, quantity, marginMode, margin } of positions) {
    add(marginMode === own ? symbol : `${symbol} on ${marginMode} margin`, quantity)
    if (margin !== undefined) add(margin.currency, margin.amount)
  }
  const held = [...totals].filter(([, total]) => !total.isZero())
  return held
    .map(([asset, total]) => ({ asset, total: decimalText(total) }))
    .sort((a, b) => (a.asset < b.asset ? -1 : 1))
}
