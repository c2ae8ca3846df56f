import { refusalIn } from '@tradeswarm/broker-kit'
import { type Logger, messageOf, SwarmError } from '@tradeswarm/core'
import type { MarketDataClient } from './market-data-client.js'

const remedy = 'look up how Alpaca writes it, and whether it lists it'

/**
 * Says which symbols Alpaca has no price of: its streams take any, and then say nothing. Of pairs it names the first that it does not list, and
 * that is refused, `FEED_REFUSED`; of shares it leaves out of its answer what it does not know, and what has never traded there: that is a warning.
 */
export async function checkListed(
  client: MarketDataClient,
  groups: readonly (readonly string[])[],
  logger: Logger,
): Promise<void> {
  for (const group of groups) {
    try {
      const [trades, quotes] = await Promise.all([client.latestTrades(group), client.latestQuotes(group)])
      const known = new Set([...trades, ...quotes].map(({ symbol }) => symbol))
      for (const symbol of group)
        if (!known.has(symbol)) logger.warn(`Alpaca has no price of a symbol so far: ${remedy}`, { symbol })
    } catch (thrown) {
      const said = refusalIn(thrown)?.message ?? ''
      if (/^invalid symbol\b/i.test(said)) throw unlisted(said)
      logger.warn('symbols of a feed could not be looked up', { error: messageOf(thrown) })
    }
  }
}

function unlisted(said: string): SwarmError {
  return new SwarmError({
    code: 'FEED_REFUSED',
    message: `Alpaca says of the symbols of the feed: ${said.slice(0, 200)}; ${remedy}`,
    context: { option: 'symbols' },
  })
}
