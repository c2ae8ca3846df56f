import type { Service } from '@tradeswarm/core'
import type { MarketDataFeed } from '@tradeswarm/trading'
import { MarketBar, MarketDividend, MarketOpen, MarketSession } from '../messages/market-topics.js'

/**
 * Puts every market event on the bus. It starts before the kernels, so that in the journal an input stands
 * before whatever it leads to. Quotes, trades and splits have no topic yet; brokers and kernels hear them from the feed.
 */
export function createMarketService(options: { readonly feed: MarketDataFeed }): Service {
  let unsubscribe: () => void = () => undefined
  return {
    name: 'market',
    publishes: [MarketSession, MarketOpen, MarketBar, MarketDividend],
    async start(host) {
      unsubscribe = options.feed.subscribe(async (event) => {
        if (event.type === 'session') await host.publish(MarketSession, event)
        else if (event.type === 'open') await host.publish(MarketOpen, event)
        else if (event.type === 'bar') await host.publish(MarketBar, event)
        else if (event.type === 'dividend') await host.publish(MarketDividend, event)
      })
    },
    async stop() {
      unsubscribe()
    },
  }
}
