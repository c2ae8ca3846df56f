import type { Logger } from '@tradeswarm/core'
import type { Instrument } from '@tradeswarm/trading'

/** Warns of symbols that are to be traded and that the venue does not list: every order of them would be refused. */
export function tellUnlisted(
  symbols: readonly string[] | undefined,
  instrument: (symbol: string) => Instrument | undefined,
  logger: Logger,
): void {
  for (const symbol of symbols ?? [])
    if (instrument(symbol) === undefined)
      logger.warn('a symbol cannot be traded: look up how the venue writes it, and whether it lists it', { symbol })
}
