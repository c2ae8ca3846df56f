import type { Instrument } from '@tradeswarm/trading'
import { type Exact, exact } from './exact.js'

/** How a contract counts. */
export type ContractTerms = {
  /** How many of the underlying one unit stands for. */
  readonly multiplier: Exact
  /** What it is settled in. */
  readonly currency: string
}

/** The contracts among instruments, by symbol: nothing is paid for them when they are entered. */
export function contractsOf(instruments: readonly Instrument[]): ReadonlyMap<string, ContractTerms> {
  const contracts = new Map<string, ContractTerms>()
  for (const { symbol, kind, multiplier = '1', currency } of instruments)
    if (kind === 'perpetual' || kind === 'future') contracts.set(symbol, { multiplier: exact(multiplier), currency })
  return contracts
}
