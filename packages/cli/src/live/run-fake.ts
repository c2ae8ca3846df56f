import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { defineTradingSwarm, type TradingSwarmDefinition } from '@tradeswarm/agents'
import {
  type BacktestResult,
  clearRunEnd,
  type PacedTape,
  pacedResult,
  paceTape,
  type Tape,
  tallyStorage,
  writeRunEnd,
} from '@tradeswarm/backtest'
import { createSystemClock, type Storage } from '@tradeswarm/core'
import { doubleSlippageBasisPoints } from '../commands/venue.js'
import { createProgress } from '../output/progress.js'
import { createWarnings } from '../output/warnings.js'
import { assertIdle } from '../runs/assert-idle.js'
import { databaseName, kindOf, makeFolder, makeRunFolder } from '../runs/find-run.js'
import { loadDefinition } from '../runs/load-definition.js'
import type { Terminal } from '../terminal.js'
import { usageError } from '../usage-error.js'
import { isAlive, latestLivingRun, startDouble, stopDouble } from './double-process.js'
import { type LifeEnd, liveLife } from './live-life.js'
import { defaultPaceMs, type LiveOptions } from './live-options.js'
import { lastInputsOf, liveStorage, openStored } from './live-storage.js'
import { pacedDefinition } from './paced-definition.js'
import { chosenTape } from './run-tape.js'
import { shown, tellRun } from './tell-run.js'
import { readVenueRecord, type VenueRecord, venueFileName } from './venue-file.js'
import { causeOf, watchDouble } from './watch-double.js'

type FakeOptions = Extract<LiveOptions, { fake: true }>

/** What a double allows; its adapter may use it. */
const requestsPerMinute = 1_000
/** As many as the Data Scout remembers. */
const rememberedSessions = 260
/** Where nobody looks at a bar, a line says how far it is. */
const progressEveryMs = 5_000
const reportName = 'report.html'

/** `run --broker NAME --fake`: the swarm at a double in a process of its own, which a run that was killed finds again. */
export async function runFake(options: FakeOptions, terminal: Terminal): Promise<number> {
  const found = options.out ?? (await latestLivingRun(terminal.workingDirectory, options.venue.name))
  const living = found === undefined ? undefined : await livingIn(found)
  if (options.stopVenue) return endDouble(living, terminal)
  // Before a double is started: one that nobody trades at would go on by itself.
  const definition = options.config === undefined ? undefined : await loadDefinition(options.config)
  const place =
    living !== undefined && found !== undefined && !options.overwrite
      ? { folder: found, record: living }
      : await beginRun(options, living, definition, terminal)
  assertSame(options, place, terminal)
  return trade(options, { ...place, definition }, terminal)
}

async function livingIn(folder: string): Promise<VenueRecord | undefined> {
  const record = await readVenueRecord(folder)
  return record !== undefined && (await isAlive(record)) ? record : undefined
}

const placeOf = ({ broker }: VenueRecord) => ({ broker, mode: 'double' as const })

type Place = { readonly folder: string; readonly record: VenueRecord }

async function endDouble(living: VenueRecord | undefined, terminal: Terminal): Promise<number> {
  if (living === undefined) {
    terminal.print('There is no double that is alive.')
    return 0
  }
  await stopDouble(living)
  terminal.print(`The double at ${living.url} has ended.`)
  return 0
}

async function beginRun(
  options: FakeOptions,
  living: VenueRecord | undefined,
  definition: TradingSwarmDefinition | undefined,
  terminal: Terminal,
): Promise<Place> {
  const { out, overwrite, venue } = options
  const choice = {
    broker: venue.name,
    sessionMs: options.sessionMs ?? defaultPaceMs,
    cash: options.cash ?? '100000',
    seed: options.seed ?? 42,
    lenient: options.lenient ?? false,
    ...(options.tape === undefined ? {} : { tape: options.tape }),
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.to === undefined ? {} : { to: options.to }),
  }
  // What is wrong with it is told before anything is made or removed.
  assertOnTape(definition, await chosenTape(choice))
  if (out !== undefined && !overwrite) {
    const isTaken = (await kindOf(join(out, venueFileName))) === 'file'
    // That of a run that was killed before its double was up may have come up meanwhile.
    const late = isTaken ? await livingIn(out) : undefined
    if (late !== undefined) return { folder: out, record: late }
    await assertFree(out, isTaken, terminal)
  }
  const folder = out ?? (await makeRunFolder(terminal.workingDirectory, terminal.clock.now()))
  await makeFolder(folder)
  // A swarm that trades there would lose its venue and its books.
  if (overwrite)
    await assertIdle(join(folder, databaseName), shown(terminal, join(folder, databaseName)), 'name another --out')
  if (overwrite && living !== undefined) await stopDouble(living)
  for (const name of overwrite ? leftovers : []) await rm(join(folder, name), { force: true })
  return { folder, record: await startDouble(folder, choice) }
}

function assertOnTape(definition: TradingSwarmDefinition | undefined, { name, instruments }: Tape): void {
  const there = instruments.map(({ symbol }) => symbol)
  const missing = definition?.symbols.find((symbol) => !there.includes(symbol))
  if (missing === undefined) return
  const some = there.slice(0, 6).join(', ')
  throw usageError(
    `symbols: "${missing}" is not on the tape ${name}, which has ${there.length > 6 ? `${some}, …` : some} there: name those in the definition`,
  )
}

const leftovers = [venueFileName, databaseName, `${databaseName}-wal`, `${databaseName}-shm`, reportName]

async function assertFree(folder: string, isTaken: boolean, terminal: Terminal): Promise<void> {
  const name = shown(terminal, folder)
  if ((await kindOf(folder)) === 'file') throw usageError(`--out ${name} is a file: name a folder`)
  const choice = '--overwrite begins anew there, another --out leaves it alone'
  if (isTaken) throw usageError(`--out ${name}: the double of its run has ended, and what it held is gone; ${choice}`)
  for (const file of [databaseName, reportName])
    if ((await kindOf(join(folder, file))) === 'file')
      throw usageError(`--out ${name}: there is a ${file} already; ${choice}`)
}

/** A run goes on with what it was begun with: another wish is told, never passed over. */
function assertSame(options: FakeOptions, { folder, record }: Place, terminal: Terminal): void {
  if (record.broker !== options.venue.name)
    throw usageError(`--broker ${options.venue.name}: the run in ${shown(terminal, folder)} is at ${record.broker}`)
  for (const [option, name] of [
    ['sessionMs', 'pace'],
    ['cash', 'cash'],
    ['seed', 'seed'],
    ['lenient', 'lenient'],
    ['tape', 'tape'],
    ['from', 'from'],
    ['to', 'to'],
  ] as const) {
    const [wanted, had] = [options[option], record[option]]
    if (wanted === undefined || wanted === had) continue
    throw usageError(
      `--${name} ${String(wanted)}: the run in ${shown(terminal, folder)} goes on at its double with ${had === undefined ? 'none' : String(had)}; leave it out, name another --out, or end that run with --stop-venue`,
    )
  }
}

async function trade(
  options: FakeOptions,
  { folder, record, definition }: Place & Pick<TradeParts, 'definition'>,
  terminal: Terminal,
): Promise<number> {
  const started = terminal.clock.now()
  const database = join(folder, databaseName)
  const { beginsAt, sessionMs } = record
  // Before it is said where the run trades: another may be at it, which this one would only follow.
  await assertIdle(database, shown(terminal, database), 'name another --out')
  const paced = paceTape(await chosenTape(record), { beginsAt, sessionMs })
  if (!options.json)
    terminal.complain(
      `${record.broker}'s double at ${record.url}: ${paced.tape.tradeFrom} to ${paced.tape.tradeTo}, ${record.sessionMs} ms a session`,
    )
  const warnings = createWarnings()
  const abort = new AbortController()
  const stopListening = terminal.onInterrupt(() => abort.abort())
  const stopWatching = watchDouble(record, abort)
  try {
    const life = await live(
      options,
      { folder, record, definition, paced, database, logger: warnings.logger, signal: abort.signal },
      terminal,
    )
    const result = await resultOf(database, paced, record, life)
    const report = join(folder, reportName)
    await rm(report, { force: true })
    await result.writeReport(report)
    for (const line of warnings.lines()) terminal.complain(line)
    const seconds = (terminal.clock.now() - started) / 1000
    const code = tellRun({ result, life, record, folder, report, database, seconds, json: options.json }, terminal)
    if (life.status === 'completed' && life.comparison.agree) await stopDouble(record)
    return code
  } catch (thrown) {
    for (const line of warnings.lines()) terminal.complain(line)
    throw await causeOf(thrown, record, shown(terminal, folder))
  } finally {
    stopWatching()
    stopListening()
  }
}

type TradeParts = Place & {
  /** Undefined for the five agents as they are. */
  readonly definition: TradingSwarmDefinition | undefined
  readonly paced: PacedTape
  readonly database: string
  readonly logger: ReturnType<typeof createWarnings>['logger']
  readonly signal: AbortSignal
}

async function live(options: FakeOptions, parts: TradeParts, terminal: Terminal): Promise<LifeEnd> {
  const { record, paced, database } = parts
  const { venue } = options
  const { tape, calendar, preOpenLeadMs, endsAt } = paced
  const symbols = tape.instruments.map(({ symbol }) => symbol)
  const base = parts.definition ?? defineTradingSwarm({ symbols })
  const lastInputs = await lastInputsOf(database, placeOf(record))
  const access = { keys: record.keys, tradingUrl: record.url, dataUrl: record.url, requestsPerMinute }
  const { storage, tally } = tallyStorage(liveStorage(database, placeOf(record)), lastInputs.tally)
  const progress = createProgress(terminal, options.json ? {} : { lineEveryMs: progressEveryMs })
  const dates = [...new Set(tape.bars.filter(({ date }) => date >= tape.tradeFrom).map(({ date }) => date))].sort()
  await changeStored(database, record, clearRunEnd)
  try {
    return await liveLife(
      {
        venue,
        access,
        definition: pacedDefinition(base, record.sessionMs, [paced.source(lastInputs.postAt)]),
        broker: venue.broker(access, { symbols, mode: 'paper', allowLive: false }),
        sessions: { calendar, preOpenLeadMs },
        calendarName: calendar.name,
        instruments: tape.instruments,
        cash: record.cash,
        historyFrom: Date.parse(historyFrom(tape)),
        since: record.beginsAt - 60_000,
        storage,
        openStored: () => openStored(database),
        lastInputs,
        isAlone: true,
        allowLive: false,
      },
      {
        logger: parts.logger,
        signal: parts.signal,
        endsAt,
        onSession(sessionDate, swarm) {
          const { equity } = swarm.portfolio()
          const done = (dates.indexOf(sessionDate) + 1) / Math.max(1, dates.length)
          progress.update({ sessionDate, equity: equity === undefined ? undefined : Number(equity), done, tally })
        },
      },
    )
  } finally {
    progress.end()
  }
}

/** The first of the sessions that agents and rules look back on: more would only take time. */
function historyFrom(tape: Tape): string {
  const before = [...new Set(tape.bars.filter(({ date }) => date < tape.tradeFrom).map(({ date }) => date))].sort()
  return before.at(-rememberedSessions) ?? before[0] ?? tape.tradeFrom
}

async function resultOf(
  database: string,
  paced: PacedTape,
  record: VenueRecord,
  life: LifeEnd,
): Promise<BacktestResult> {
  return changeStored(database, record, async (storage) => {
    await writeRunEnd(storage, life.status, await storage.journal.head())
    return pacedResult(storage, {
      paced,
      swarm: defineTradingSwarm({ symbols: paced.tape.instruments.map(({ symbol }) => symbol) }),
      account: record.broker,
      cash: record.cash,
      slippageBasisPoints: doubleSlippageBasisPoints,
      seed: record.seed,
      status: life.status,
      portfolio: life.portfolio,
      agents: life.agents,
    })
  })
}

/** Does something to a run while nobody else writes it. */
async function changeStored<T>(
  database: string,
  record: VenueRecord,
  change: (storage: Storage) => Promise<T>,
): Promise<T> {
  const storage = await liveStorage(database, placeOf(record)).open({ clock: createSystemClock() })
  try {
    return await change(storage)
  } finally {
    await storage.close()
  }
}
