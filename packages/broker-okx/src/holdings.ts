import { type Decimal, decimal, decimalText, type VenueBalance, zero } from '@tradeswarm/trading'
import type { OkxBalance, OkxPosition } from './parse-account.js'

/**
 * What an account holds, by asset: cash and coins by currency, contracts by swap. OKX may tell of a swap twice, with the margin of all of the
 * account and with one set aside for it: that is one holding.
 */
export function holdingsOf(
  balances: readonly OkxBalance[],
  positions: readonly OkxPosition[],
): readonly VenueBalance[] {
  const totals = new Map<string, Decimal>()
  const add = (asset: string, amount: string): void =>
    void totals.set(asset, (totals.get(asset) ?? zero).plus(decimal(amount)))
  for (const { currency, total } of balances) add(currency, total)
  for (const { symbol, quantity } of positions) add(symbol, quantity)
  const held = [...totals].filter(([, total]) => !total.isZero())
  return held
    .map(([asset, total]) => ({ asset, total: decimalText(total) }))
    .sort((a, b) => (a.asset < b.asset ? -1 : 1))
}
