import { defineTradingSwarm, type TradingSwarmOptions } from '@tradeswarm/agents'
import { type BacktestOptions, type BacktestResult, backtest, type Tape } from '@tradeswarm/backtest'
import type { JournalEntry, StorageDefinition } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { readJournal } from './recorded-journal.test-support.js'
import { eagerConfig, narrowPolicy, smallSymbols, smallTape } from './small-tape.test-support.js'

export type SmallRunOptions = Partial<Omit<BacktestOptions, 'swarm'>> & {
  readonly swarm?: Partial<TradingSwarmOptions>
}

/** The options of a backtest of the eager swarm over the small tape, with what a test changes. */
export function smallRunOptions({ swarm, ...options }: SmallRunOptions = {}): BacktestOptions {
  return {
    tape: smallTape,
    cash: { USD: '100000' },
    seed: 42,
    ...options,
    swarm: defineTradingSwarm({ symbols: smallSymbols, policy: narrowPolicy, config: eagerConfig, ...swarm }),
  }
}

export function runSmall(options: SmallRunOptions = {}): Promise<BacktestResult> {
  return backtest(smallRunOptions(options))
}

export type RecordedSmallRun = {
  readonly result: BacktestResult
  readonly entries: readonly JournalEntry[]
  readonly storage: StorageDefinition
  readonly tape: Tape
}

/** Runs into a storage (in memory by default) and reads the whole journal back. */
export async function recordSmallRun(options: SmallRunOptions = {}): Promise<RecordedSmallRun> {
  const storage = options.storage ?? createMemoryStorage()
  const result = await runSmall({ ...options, storage })
  return { result, storage, entries: await readJournal(storage), tape: options.tape ?? smallTape }
}
