import { refusalIn } from '@tradeswarm/broker-kit'
import { type EpochMs, type Logger, messageOf, SwarmError } from '@tradeswarm/core'
import type { MarketDataClient } from './market-data-client.js'

const remedy = 'look up how Alpaca writes it, and whether it lists it'
/** Alpaca's history begins later. What is younger than a day may be of a plan that is not paid for. */
const [longAgo, dayMs] = [Date.UTC(2000, 0, 1), 86_400_000]

/**
 * Says which symbols Alpaca has no price of, neither a latest nor a past one: its streams take any, and then say nothing. Of pairs it names the
 * first that it does not list, and that is refused, `FEED_REFUSED`; of shares it leaves out what it does not know, as well as what has never
 * traded there: that is a warning.
 */
export async function checkListed(
  client: MarketDataClient,
  groups: readonly (readonly string[])[],
  now: EpochMs,
  logger: Logger,
): Promise<void> {
  for (const group of groups) {
    try {
      const [trades, quotes] = await Promise.all([client.latestTrades(group), client.latestQuotes(group)])
      const known = new Set([...trades, ...quotes].map(({ symbol }) => symbol))
      const missing = group.filter((symbol) => !known.has(symbol))
      const traded = await Promise.all(missing.map((symbol) => hasTraded(client, symbol, now)))
      for (const symbol of missing.filter((_, index) => traded[index] === false))
        logger.warn(`Alpaca has no price of a symbol, and has had none: ${remedy}`, { symbol, code: 'NO_PRICE_YET' })
    } catch (thrown) {
      const said = refusalIn(thrown)?.message ?? ''
      if (/^invalid symbol\b/i.test(said)) throw unlisted(said)
      logger.warn('symbols of a feed could not be looked up', { error: messageOf(thrown) })
    }
  }
}

async function hasTraded(client: MarketDataClient, symbol: string, now: EpochMs): Promise<boolean> {
  const query = { symbols: [symbol], timeframe: '1d', from: longAgo, to: now - dayMs, pageSize: 1 }
  for await (const { rows } of client.bars(query)) return rows.length > 0
  return false
}

function unlisted(said: string): SwarmError {
  return new SwarmError({
    code: 'FEED_REFUSED',
    message: `Alpaca says of the symbols of the feed: ${said.slice(0, 200)}; ${remedy}`,
    context: { option: 'symbols' },
  })
}
