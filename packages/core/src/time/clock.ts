/** Milliseconds since the Unix epoch, UTC. */
export type EpochMs = number

export type Cancel = () => void

/** The only source of time. In a backtest it is virtual, in a live swarm the machine's. */
export type Clock = {
  now(): EpochMs
}

/** The only source of delays. A callback runs at or after its time, never inside the call that set it. */
export type Timers = {
  at(time: EpochMs, callback: () => void): Cancel
}

export type ClockAndTimers = Clock & Timers
