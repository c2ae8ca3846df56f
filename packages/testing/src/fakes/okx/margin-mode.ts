import type { MarketDataFeed } from '@tradeswarm/trading'

/** What the margin of a swap is taken from: all of the account, or what is set aside for the position. Each has a position of its own. */
export type MarginMode = 'cross' | 'isolated'

/** That of an order, by its `tdMode`. */
export function marginModeOf(tdMode: string | null): MarginMode {
  return tdMode === 'isolated' ? 'isolated' : 'cross'
}

const mark = ' isolated'

/** What the matching engine calls an instrument, since it keeps one position of a symbol. */
export function engineSymbol(instId: string, mode: MarginMode): string {
  return mode === 'isolated' ? `${instId}${mark}` : instId
}

/** What the engine means by a symbol. */
export function fromEngineSymbol(symbol: string): { readonly instId: string; readonly mode: MarginMode } {
  return symbol.endsWith(mark)
    ? { instId: symbol.slice(0, -mark.length), mode: 'isolated' }
    : { instId: symbol, mode: 'cross' }
}

/** A market that is told of each swap twice, once for either margin mode. */
export function feedOfBothModes(feed: MarketDataFeed, swaps: ReadonlySet<string>): MarketDataFeed {
  return {
    ...feed,
    subscribe: (listener) =>
      feed.subscribe(async (event) => {
        await listener(event)
        if (!('symbol' in event) || !swaps.has(event.symbol)) return
        await listener({ ...event, symbol: engineSymbol(event.symbol, 'isolated') })
      }),
  }
}
