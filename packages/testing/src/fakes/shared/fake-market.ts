import type { Clock, EpochMs } from '@tradeswarm/core'
import type { MarketDataFeed, MarketEvent, MarketListener } from '@tradeswarm/trading'

/** The market of a fake venue, in the hands of a test. Prices are decimal texts; the time is that of the venue's clock. */
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

/** A market that a test and, where there is one, a feed speak into. */
export function createFakeMarket(
  clock: Clock,
  source?: MarketDataFeed,
): FakeMarket & { readonly feed: MarketDataFeed } {
  let listeners: readonly MarketListener[] = []
  const emit = async (event: MarketEvent): Promise<void> => {
    for (const listener of listeners) await listener(event)
  }
  source?.subscribe(emit)
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
    emit,
    quote: (symbol, bid, ask, sizes = {}) => emit({ type: 'quote', symbol, time: clock.now(), bid, ask, ...sizes }),
    trade: (symbol, price, quantity = '100') => emit({ type: 'trade', symbol, time: clock.now(), price, quantity }),
  }
}
