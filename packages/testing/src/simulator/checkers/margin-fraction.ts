import type { RiskPolicy } from '@tradeswarm/trading'
import { type Exact, exactFraction, unit } from '../exact.js'

/** Margins are shares of 12 decimals, rounded up. */
const step = 10n ** 12n

/** The share of what a contract stands for that is its margin. */
export function marginFraction({ contractLeverage = 1 }: Pick<RiskPolicy, 'contractLeverage'>): Exact {
  const fraction = (unit * unit) / exactFraction(contractLeverage)
  const over = fraction % step
  return over === 0n && (unit * unit) % exactFraction(contractLeverage) === 0n ? fraction : fraction - over + step
}
