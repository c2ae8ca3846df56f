import type { MarketDataFeed, MarketEvent, MarketListener } from '@tradeswarm/trading'

/** A feed whose events somebody else emits. */
export type DrivenFeed = MarketDataFeed & {
  /** Resolves when every listener has handled the event, one after the other. */
  emit(event: MarketEvent): Promise<void>
}

/** A feed without listeners yet. */
export function createDrivenFeed(name: string): DrivenFeed {
  const listeners: MarketListener[] = []
  return {
    name,
    subscribe(listener) {
      listeners.push(listener)
      return () => {
        const index = listeners.indexOf(listener)
        if (index >= 0) listeners.splice(index, 1)
      }
    },
    async emit(event) {
      for (const listener of listeners) await listener(event)
    },
  }
}
