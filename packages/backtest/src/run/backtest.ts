import { modelsOf, type TradingSwarmDefinition } from '@tradeswarm/agents'
import { type AgentClass, canonicalJson, createSecretMask, type Storage, SwarmError } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { riskPolicy } from '@tradeswarm/trading'
import type { Tape } from '../tape/tape.js'
import { createTapeEvents } from '../tape/tape-events.js'
import { createTapeSource } from '../tape/tape-source.js'
import { type BacktestResult, resultOf } from './backtest-result.js'
import { createComparingStorage } from './comparing-storage.js'
import { driveRun, type SessionClose } from './drive-run.js'
import { readOperatorActs } from './operator-acts.js'
import { firstHeaderDifference, readRunHeader, recordedRun } from './recorded-run.js'
import { tallyStorage } from './run-counts.js'
import { clearRunEnd, writeRunEnd } from './run-end.js'
import type { RunHeader } from './run-header.js'
import { runLabels } from './run-labels.js'
import { type BacktestOptions, checkedTerms, checkOptionNames } from './run-options.js'

const paperAccount = 'paper'

/**
 * Runs a swarm over a tape in virtual time: the same agents, kernel and books as live, on a paper broker.
 * Same tape, swarm, cash and seed give the same `journalHash`.
 * Throws `INVALID_OPTION`, naming the option, its value and the range; `SYMBOL_NOT_ON_TAPE`;
 * `RESUME_MISMATCH` when a run to resume was made with something else, `RUN_EXISTS` when the storage holds one and `resume` is not set.
 */
export async function backtest(options: BacktestOptions): Promise<BacktestResult> {
  checkOptionNames(options)
  const { tape } = options
  const header = headerOf(options)
  const opened = await (options.storage ?? createMemoryStorage()).open({ clock: { now: () => startOf(tape) } })
  try {
    return await runOn(opened, header, options)
  } catch (error) {
    // What went wrong first is what is told: a full disk makes closing fail as well.
    await opened.close().catch(() => undefined)
    throw error
  } finally {
    await opened.close()
  }
}

async function runOn(opened: Storage, header: RunHeader, options: BacktestOptions): Promise<BacktestResult> {
  const { tape, swarm } = options
  const recorded = await opened.journal.head()
  if (recorded.sequence > 0) await assertResumable(options, await readRunHeader(opened), header)
  await clearRunEnd(opened)
  const comparing = createComparingStorage(opened, recorded.sequence, 'continue')
  const { storage, tally, denials } = tallyStorage(comparing)
  const sessions: SessionClose[] = []
  const tradingSessions = countTradingSessions(tape)
  const again = recordedRun(opened, recorded.sequence, true)
  const result = await driveRun({
    header,
    definition: swarm,
    storage,
    events: tradingEvents(tape, new Set(swarm.symbols)),
    sources: [createTapeSource(tape), ...(options.sources ?? [])],
    start: startOf(tape),
    logger: options.logger,
    ...(again === undefined ? {} : { recorded: again }),
    shouldStop: () => options.signal?.aborted === true && comparing.isCaughtUp(),
    onStarted: options.onStarted,
    operatorActs: await readOperatorActs(opened),
    isRepeating: () => !comparing.isCaughtUp(),
    onSession: async (close, running, isRepeating) => {
      if (close.sessionDate < tape.tradeFrom) return
      sessions.push(close)
      options.onProgress?.({
        sessionDate: close.sessionDate,
        equity: close.equity,
        done: sessions.length / tradingSessions,
        tally,
      })
      if (!isRepeating) await options.onSessionClosed?.(close.sessionDate, running)
    },
  })
  await writeRunEnd(opened, result.status, await opened.journal.head())
  return resultOf({ tape, header, result, sessions, tally, denials, resumedAfter: recorded.sequence })
}

/** Sessions before the first that may be traded have no pre-open: nothing is decided in them. */
function* tradingEvents(tape: Tape, symbols: ReadonlySet<string>): ReturnType<typeof createTapeEvents> {
  for (const event of createTapeEvents(tape)) {
    if ('symbol' in event && !symbols.has(event.symbol)) continue
    if (event.type === 'session' && event.phase === 'pre-open' && event.sessionDate < tape.tradeFrom) continue
    yield event
  }
}

function countTradingSessions(tape: Tape): number {
  return Math.max(1, new Set(tape.bars.filter((bar) => bar.date >= tape.tradeFrom).map((bar) => bar.date)).size)
}

/** The virtual clock starts at midnight UTC of the first bar's day, before its open. */
function startOf(tape: Tape): number {
  const first = tape.bars[0]
  if (first === undefined) throw new SwarmError({ code: 'TAPE_EMPTY', message: `the tape ${tape.name} has no bars` })
  return Date.parse(`${first.date}T00:00:00Z`)
}

function headerOf(options: BacktestOptions): RunHeader {
  const { tape, swarm } = options
  const { cash, fees, slippage, seed } = checkedTerms(options)
  const missing = swarm.symbols.find((symbol) => !tape.instruments.some((instrument) => instrument.symbol === symbol))
  if (missing !== undefined) {
    throw new SwarmError({
      code: 'SYMBOL_NOT_ON_TAPE',
      message: `symbols: "${missing}" is not on the tape ${tape.name}, which has ${tape.instruments.map((instrument) => instrument.symbol).join(', ')}`,
    })
  }
  const custom = [
    ...(swarm.agents ?? []).map((entry) => (typeof entry === 'function' ? entry.role : entry.agent.role)),
    ...Object.keys(swarm.replace ?? {}),
  ]
  const models = modelsOf(swarm)
  return {
    format: 1,
    tape: {
      hash: tape.hash,
      tradeFrom: tape.tradeFrom,
      tradeTo: tape.tradeTo,
      instruments: tape.instruments.filter((instrument) => swarm.symbols.includes(instrument.symbol)),
      source: { ...tape.source },
    },
    swarm: {
      symbols: [...swarm.symbols],
      policy: { ...riskPolicy(swarm.policy) },
      config: configOf(swarm),
      customAgents: custom.sort(),
      ...(models.length === 0 ? {} : { models: [...models] }),
    },
    labels: [...runLabels(options)],
    account: paperAccount,
    cash,
    fees,
    slippage,
    seed,
  }
}

/** Without secrets. Only agents of the user's own can have some, and to repeat a run with such, their definition is needed anyway. */
function configOf({ config, replace = {} }: TradingSwarmDefinition): Readonly<Record<string, unknown>> {
  const mask = createSecretMask()
  const classes: Readonly<Record<string, AgentClass | undefined>> = replace
  return Object.fromEntries(
    Object.entries(config ?? {}).map(([role, given]) => [role, mask(given, classes[role]?.config).data]),
  )
}

async function assertResumable(options: BacktestOptions, recorded: RunHeader, header: RunHeader): Promise<void> {
  if (options.resume !== true) {
    throw new SwarmError({
      code: 'RUN_EXISTS',
      message: 'the storage holds a run already: resume it, or give the new run a storage of its own',
    })
  }
  if (canonicalJson(recorded) === canonicalJson(header)) return
  throw new SwarmError({
    code: 'RESUME_MISMATCH',
    message: `the run was started with something else, so it cannot be resumed: ${firstHeaderDifference(recorded, header)}`,
  })
}
