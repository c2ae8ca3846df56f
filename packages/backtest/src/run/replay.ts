import { defineTradingSwarm, type TradingSwarmDefinition } from '@tradeswarm/agents'
import { type Storage, SwarmError } from '@tradeswarm/core'
import { createComparingStorage } from './comparing-storage.js'
import { type Difference, differenceBetween } from './difference.js'
import { driveRun } from './drive-run.js'
import { readOperatorActs } from './operator-acts.js'
import { readInputs, readRunHeader, recordedRun } from './recorded-run.js'

/** Every entry came again, or the first that did not. */
export type ReplayResult =
  | { readonly status: 'same'; readonly entries: number; readonly journalHash: string }
  | { readonly status: 'different'; readonly difference: Difference }

/** What `replayRun` takes beside the storage. */
export type ReplayOptions = {
  /** The definition that the run was made with; needed only when it had agents that are not the SDK's. */
  readonly swarm?: TradingSwarmDefinition
  /** Called at the close of each session with the number of entries compared and their total. */
  readonly onProgress?: (compared: number, total: number) => void
}

/**
 * Runs the agents again over what a run took in, and compares every entry that comes with the recorded one.
 * Needs nothing but the run's storage, which it does not change. Throws `REPLAY_NEEDS_CODE` for agents of the user's own and
 * `REPLAY_NEEDS_MODEL` for language models, where the definition is not given, and `REPLAY_TEXT_ERASED` when a text that the agents read is gone.
 */
export async function replayRun(storage: Storage, options: ReplayOptions = {}): Promise<ReplayResult> {
  const header = await readRunHeader(storage)
  const { customAgents } = header.swarm
  if (options.swarm === undefined && customAgents.length > 0) {
    throw new SwarmError({
      code: 'REPLAY_NEEDS_CODE',
      message: `the run had agents that are not the SDK's own (${customAgents.join(', ')}): give their definition`,
    })
  }
  const { models } = header.swarm
  if (options.swarm === undefined && models !== undefined) {
    throw new SwarmError({
      code: 'REPLAY_NEEDS_MODEL',
      message: `the run had language models (${[...new Set(models.map(({ model }) => model))].join(', ')}): give its definition, with models that answer as they did`,
    })
  }
  const head = await storage.journal.head()
  const { events, sources, erased } = await readInputs(storage)
  if (erased.length > 0) {
    throw new SwarmError({
      code: 'REPLAY_TEXT_ERASED',
      message: `${erased.length} text${erased.length === 1 ? '' : 's'} that the run read ${erased.length === 1 ? 'is' : 'are'} gone from the blob store, first ${erased[0]}: the agents cannot read it again`,
      context: { erased },
    })
  }
  const definition =
    options.swarm ??
    defineTradingSwarm({ symbols: header.swarm.symbols, policy: header.swarm.policy, config: header.swarm.config })
  const comparing = createComparingStorage(storage, head.sequence, 'end')
  const first = await storage.journal.get('run-header')
  const again = recordedRun(storage, head.sequence, false)
  try {
    const result = await driveRun({
      header,
      definition,
      storage: comparing,
      events,
      sources,
      start: first?.time ?? 0,
      shouldStop: () => comparing.isCaughtUp(),
      ...(again === undefined ? {} : { recorded: again }),
      operatorActs: await readOperatorActs(storage),
      onSession: () => options.onProgress?.(comparing.compared(), head.sequence),
    })
    if (comparing.isCaughtUp()) return { status: 'same', entries: result.entries, journalHash: result.journalHash }
    return { status: 'different', difference: await missingEntry(storage, comparing.compared() + 1) }
  } catch (error) {
    if (SwarmError.isInstance(error, 'REPLAY_DIVERGED'))
      return { status: 'different', difference: error.context.difference as Difference }
    throw error
  }
}

async function missingEntry(storage: Storage, sequence: number): Promise<Difference> {
  for await (const entry of storage.journal.read({ from: sequence, to: sequence, unverified: true }))
    return differenceBetween(entry, undefined)
  throw new SwarmError({ code: 'RUN_UNREADABLE', message: `entry ${sequence} is missing from the journal` })
}
