import type { Clock, EpochMs } from '@tradeswarm/core'
import type { MarketDataFeed, MarketEvent, MarketListener } from '@tradeswarm/trading'

/** A feed that says what a test tells it to, with a clock that stands at the last event. */
export type ManualFeed = MarketDataFeed & {
  readonly clock: Clock
  /** Moves the clock to the event's time, then awaits every listener in the order of subscription. */
  emit(event: MarketEvent): Promise<void>
  /** Moves the clock without an event; never back. */
  advanceTo(time: EpochMs): void
}

/** A feed under a test's hand; its clock starts at `startTime`, 0 by default. */
export function createManualFeed(options: { readonly startTime?: EpochMs } = {}): ManualFeed {
  let listeners: readonly MarketListener[] = []
  let now = options.startTime ?? 0
  const advanceTo = (time: EpochMs): void => {
    now = Math.max(now, time)
  }
  return {
    name: 'manual',
    clock: { now: () => now },
    advanceTo,
    subscribe(listener) {
      const subscription: MarketListener = (event) => listener(event)
      listeners = [...listeners, subscription]
      return () => {
        listeners = listeners.filter((one) => one !== subscription)
      }
    },
    async emit(event) {
      advanceTo(event.time)
      for (const listener of listeners) await listener(event)
    },
  }
}
