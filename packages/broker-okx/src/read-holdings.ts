import type { VenueBalance } from '@tradeswarm/trading'
import { holdingsOf } from './holdings.js'
import type { OkxPosition } from './parse-account.js'
import type { TradingClient } from './trading-client.js'

/** How often balances are asked for while positions change. */
const mostLooks = 4

/**
 * What an account holds. Margin goes from the balance to an isolated position and back, and OKX tells of both in two answers: so positions are
 * asked for before the balances and after, and all of it once more where something was set aside or given back meanwhile.
 */
export async function readHoldings(
  client: Pick<TradingClient, 'balances' | 'positions'>,
  own: OkxPosition['marginMode'],
): Promise<readonly VenueBalance[]> {
  if (own === 'cross') {
    const [balances, positions] = await Promise.all([client.balances(), client.positions()])
    if (marginsOf(positions) === '') return holdingsOf(balances, positions, own)
  }
  let before = await client.positions()
  for (let look = 1; ; look += 1) {
    const balances = await client.balances()
    const positions = await client.positions()
    if (marginsOf(before) === marginsOf(positions) || look === mostLooks) return holdingsOf(balances, positions, own)
    before = positions
  }
}

/** What is set aside, as a text to compare; empty where nothing is. */
function marginsOf(positions: readonly OkxPosition[]): string {
  return positions
    .flatMap(({ symbol, quantity, margin }) => (margin === undefined ? [] : `${symbol} ${quantity} ${margin.amount}`))
    .sort()
    .join()
}
