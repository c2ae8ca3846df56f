import type { Clock, Timers } from '@tradeswarm/core'
import type { SimulatedTime } from '../../simulator/simulated-time.js'

/** The clock of a venue, and its timers; `onDue` is told of each that goes off. */
export function venueTimers(
  time: SimulatedTime,
  onDue: () => void = () => undefined,
): Required<Clock> & Pick<Timers, 'at'> {
  return {
    now: time.now,
    elapsed: time.now,
    at(when, callback) {
      let isOff = false
      time.at(when, () => {
        if (isOff) return
        onDue()
        void callback()
      })
      return () => {
        isOff = true
      }
    },
  }
}
