import { assertKnownOptions, SwarmError, shown } from '@tradeswarm/core'

/** In how many of a hundred seeds an account trades what its options name. Throws `INVALID_OPTION` for an option, or something to trade, that there is not. */
export function shareOfSeeds<Trades extends string>(
  place: string,
  options: { readonly trades?: Trades },
  shares: Readonly<Record<Trades, number>>,
  usual: Trades,
): number {
  assertKnownOptions(place, options, ['trades'])
  const { trades = usual } = options
  const choices = Object.keys(shares)
  if (choices.includes(trades)) return shares[trades]
  const message = `${place}: trades: ${shown(trades)} is not one of ${choices.join(', ')}`
  throw new SwarmError({ code: 'INVALID_OPTION', message, context: { option: 'trades' } })
}
