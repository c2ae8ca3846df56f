/** Milliseconds since the Unix epoch, UTC. */
export type EpochMs = number

/** Calls a timer off; harmless when it has fired. */
export type Cancel = () => void

/** The only source of time. In a backtest it is virtual, in a live swarm the machine's. */
export type Clock = {
  now(): EpochMs
  /** Milliseconds, with fractions, since some moment of the past, never going back: for measuring how long something took. Where absent, `now` serves. */
  elapsed?(): number
}

/** The only source of delays. A callback runs at or after its time, never inside the call that set it. */
export type Timers = {
  /** In virtual time the callback is awaited, and callbacks of one instant run in order of priority, then of setting. */
  at(time: EpochMs, callback: () => void | Promise<void>, priority?: Priority): Cancel
  /** Calls back in the platform's next turn, after whatever input and output is due: work gathers meanwhile. Where absent, a microtask serves. */
  soon?(callback: () => void): void
}

/** What overtakes what among things due at the same time. */
export type Priority = 'critical' | 'high' | 'normal' | 'low'

/** A clock with its timers. */
export type ClockAndTimers = Clock & Timers
