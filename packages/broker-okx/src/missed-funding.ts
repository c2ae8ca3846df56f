import { type EpochMs, type Logger, messageOf } from '@tradeswarm/core'
import type { FundingEvent } from '@tradeswarm/trading'
import type { MarketDataClient } from './market-data-client.js'

/**
 * Each funding from an event up to an instant, at the rate that was settled and the mark price of its instant. Where the rates cannot be asked
 * for it is that event alone; where a price cannot, it is the one that was heard last.
 */
export async function missedFunding(
  client: MarketDataClient,
  event: FundingEvent,
  until: EpochMs,
  logger: Logger,
): Promise<readonly FundingEvent[]> {
  const { symbol, time: from } = event
  try {
    const settled = await client.settledFunding(symbol, from, until)
    const prices = await pricesOf(client, event, until, logger)
    const each = settled.map(({ rate, time }): FundingEvent => ({ ...event, rate, time }))
    // The list may be behind, or begin later.
    const all = settled[0]?.time === from ? each : [event, ...each]
    return all.map((one) => ({ ...one, price: prices.get(one.time) ?? one.price }))
  } catch (thrown) {
    logger.warn('funding of a break could not be asked for', { symbol, from, error: messageOf(thrown) })
    return [event]
  }
}

async function pricesOf(
  client: MarketDataClient,
  { symbol, time: from }: FundingEvent,
  until: EpochMs,
  logger: Logger,
): Promise<ReadonlyMap<EpochMs, string>> {
  try {
    return await client.markPrices(symbol, from, until)
  } catch (thrown) {
    logger.warn('mark prices of a break could not be asked for', { symbol, from, error: messageOf(thrown) })
    return new Map()
  }
}
