import type { Clock, EpochMs } from '@tradeswarm/core'
import type { MarketDataFeed, MarketEvent, MarketListener } from '@tradeswarm/trading'
import { assertListed, assertMarketEvent, assertSizes } from './assert-market-event.js'

/** The market of a fake venue, in the hands of a test. Prices are decimal texts; the time is that of the venue's clock. What is not listed, and no price, is refused with `INVALID_OPTION`. */
export type FakeMarket = {
  /** The venue's clock. */
  now(): EpochMs
  /** Says what happens; resolves when orders have been matched with it. */
  emit(event: MarketEvent): Promise<void>
  /** New best prices. */
  quote(symbol: string, bid: string, ask: string, sizes?: { bidSize?: string; askSize?: string }): Promise<void>
  /** Somebody trades. */
  trade(symbol: string, price: string, quantity?: string): Promise<void>
}

/** What else the market of a fake is to the fake itself. */
export type OwnMarket = FakeMarket & {
  readonly feed: MarketDataFeed
  /** Refuses a quote as `quote` does, and says nothing. */
  assertQuote(symbol: string, bid: string, ask: string, sizes?: { bidSize?: string; askSize?: string }): void
  /** Refuses a symbol that is not listed, for what is called so. */
  assertListed(place: string, symbol: string): void
}

/** A market that a test and, where there is one, a feed speak into. What a feed tells of `symbols` that are not listed is nobody's fault. */
export function createFakeMarket(clock: Clock, symbols: Iterable<string>, source?: MarketDataFeed): OwnMarket {
  const listed = new Set(symbols)
  let listeners: readonly MarketListener[] = []
  const tell = async (event: MarketEvent): Promise<void> => {
    for (const listener of listeners) await listener(event)
  }
  source?.subscribe(tell)
  const quoteOf: (...said: Parameters<FakeMarket['quote']>) => MarketEvent = (symbol, bid, ask, sizes = {}) => {
    assertSizes('market.quote', sizes)
    const event = { type: 'quote', symbol, time: clock.now(), bid, ask, ...sizes } as const
    assertMarketEvent('market.quote', event, listed)
    return event
  }
  return {
    feed: {
      name: 'fake market',
      subscribe(listener) {
        const subscription: MarketListener = (event) => listener(event)
        listeners = [...listeners, subscription]
        return () => {
          listeners = listeners.filter((one) => one !== subscription)
        }
      },
    },
    now: () => clock.now(),
    async emit(event) {
      assertMarketEvent('market.emit', event, listed)
      await tell(event)
    },
    quote: async (...said) => tell(quoteOf(...said)),
    async trade(symbol, price, quantity = '100') {
      const event = { type: 'trade', symbol, time: clock.now(), price, quantity } as const
      assertMarketEvent('market.trade', event, listed)
      await tell(event)
    },
    assertQuote: (...said) => void quoteOf(...said),
    assertListed: (where, symbol) => assertListed(where, symbol, listed),
  }
}
