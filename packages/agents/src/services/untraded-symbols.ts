import { nearestName } from '@tradeswarm/core'
import type { TradingKernel } from '@tradeswarm/trading'

/** What a swarm is to trade, and where. */
export type Wanted = {
  readonly symbols: readonly string[]
  readonly routes: Readonly<Record<string, string>>
}

/** More are counted only. */
const named = 10

/**
 * What no open account trades of what is wanted, in a line for the symbols and one for each route. It is no mistake for certain: a symbol may
 * only be watched, and a venue may take one off its list while positions in others have to be looked after.
 */
export function untradedSymbols(
  { symbols, routes }: Wanted,
  kernels: ReadonlyMap<string, Pick<TradingKernel, 'instrument'>>,
): readonly string[] {
  const accounts = [...kernels.values()]
  const traded = new Set(symbols.filter((symbol) => accounts.some((kernel) => kernel.instrument(symbol) !== undefined)))
  const untraded = symbols.filter((symbol) => !traded.has(symbol))
  const lines = Object.entries(routes)
    .filter(([symbol, account]) => kernels.get(account)?.instrument(symbol) === undefined)
    .map(([symbol, account]) => `routes.${symbol}: account "${account}" does not trade it, so no order for it is sent`)
  if (untraded.length === 0) return lines
  const names = untraded.slice(0, named).map((symbol) => {
    const nearest = nearestName(symbol, [...traded])
    return nearest === undefined ? `"${symbol}"` : `"${symbol}" (did you mean ${nearest}?)`
  })
  const more = untraded.length > named ? ` and ${untraded.length - named} more` : ''
  return [`symbols: no account trades ${names.join(', ')}${more}`, ...lines]
}
