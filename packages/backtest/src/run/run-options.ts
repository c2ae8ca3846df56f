import type { TradingSwarm, TradingSwarmDefinition } from '@tradeswarm/agents'
import type { Logger, StorageDefinition } from '@tradeswarm/core'
import type { SignalSource } from '@tradeswarm/signals'
import type { SessionDate } from '@tradeswarm/trading'
import type { Tape } from '../tape/tape.js'
import type { RunTally } from './run-counts.js'

export type BacktestProgress = {
  readonly sessionDate: SessionDate
  /** Cash and positions at the close; undefined while something has no price. */
  readonly equity: number | undefined
  /** Fraction of the tape's trading sessions that are done. */
  readonly done: number
  readonly tally: RunTally
}

export type BacktestOptions = {
  readonly tape: Tape
  /** Its brokers and sources are replaced by a paper broker and the tape. */
  readonly swarm: TradingSwarmDefinition
  /** Sources polled beside the tape. A poll is given the virtual time and must give nothing that is later. */
  readonly sources?: readonly SignalSource[]
  /** Start capital by currency: decimal texts. One currency so far, USD. */
  readonly cash: Readonly<Record<string, string>>
  /** Default 1. */
  readonly seed?: number
  /** Default: in memory. */
  readonly storage?: StorageDefinition
  /** Takes up a run that was stopped: the recorded part is run again and compared, then it goes on. */
  readonly resume?: boolean
  /** Basis points of each fill's notional; default 5. */
  readonly feeBasisPoints?: string
  /** Basis points by which a market or stop order fills worse; default 5. */
  readonly slippageBasisPoints?: string
  readonly logger?: Logger
  /** Stops the run between two instants; what was done is kept. */
  readonly signal?: AbortSignal
  /** Called at the close of each session. */
  readonly onProgress?: (progress: BacktestProgress) => void
  /** Called when the swarm runs. To look, not to act: what is done to it here would be done twice when the run is resumed. */
  readonly onStarted?: (swarm: TradingSwarm) => void
  /**
   * Awaited at the close of each session, before the next one, to look or to act as an operator. In the recorded part of a
   * resumed run it is not called: what it did there is done again from the record.
   */
  readonly onSessionClosed?: (sessionDate: SessionDate, swarm: TradingSwarm) => void | Promise<void>
}
