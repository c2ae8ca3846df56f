import type { EpochMs, Timers } from '@tradeswarm/core'
import type { MarketEvent } from '@tradeswarm/trading'
import type { DrivenFeed } from './driven-feed.js'

/** How far a schedule has come. */
export type ScheduledEvents = {
  /** The time of the last event that was emitted. */
  lastTime(): EpochMs | undefined
  isDone(): boolean
}

/** Emits each event at its time: all of one instant together, before anything else of that instant. */
export function scheduleEvents(
  events: Iterable<MarketEvent>,
  timers: Timers,
  feed: DrivenFeed,
  onEvent: (event: MarketEvent) => void,
): ScheduledEvents {
  const iterator = events[Symbol.iterator]()
  let next = iterator.next()
  let lastTime: EpochMs | undefined
  const arm = (): void => {
    if (next.done) return
    const { time } = next.value
    timers.at(
      time,
      async () => {
        lastTime = time
        while (!next.done && next.value.time <= time) {
          const event = next.value
          next = iterator.next()
          await feed.emit(event)
          onEvent(event)
        }
        arm()
      },
      'critical',
    )
  }
  arm()
  return { lastTime: () => lastTime, isDone: () => next.done === true }
}
