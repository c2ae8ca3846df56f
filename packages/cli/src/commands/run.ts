import { rm } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { defineTradingSwarm, type TradingSwarmDefinition } from '@tradeswarm/agents'
import { type BacktestResult, backtest, bundledTape, loadTape, type Tape } from '@tradeswarm/backtest'
import type { Command } from '../command.js'
import { assertNoneKeptByNpm } from '../kept-by-npm.js'
import { runLive } from '../live/run-live.js'
import { createProgress } from '../output/progress.js'
import { summaryTable } from '../output/summary-table.js'
import { createWarnings } from '../output/warnings.js'
import { amountOption, dateOption, parseOptions, textOption, wholeNumberOption } from '../parse-options.js'
import { assertIdle } from '../runs/assert-idle.js'
import { databaseName, kindOf, latestRunFolder, makeFolder, makeRunFolder } from '../runs/find-run.js'
import { loadDefinition } from '../runs/load-definition.js'
import { type RunSettings, readRunSettings, runStorage } from '../runs/run-settings.js'
import type { Terminal } from '../terminal.js'
import { usageError } from '../usage-error.js'
import { isVenueName } from '../venues/venues.js'

const options = {
  tape: { type: 'string' },
  out: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  cash: { type: 'string' },
  seed: { type: 'string' },
  lenient: { type: 'boolean' },
  resume: { type: 'boolean' },
  overwrite: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

const defaults: RunSettings = { cash: '100000', seed: 42, lenient: false }

type Place = { readonly folder: string; readonly database: string; readonly report: string }

const placeIn = (folder: string): Place => ({
  folder,
  database: join(folder, databaseName),
  report: join(folder, 'report.html'),
})

/** `run` and `backtest`: the five agents through a tape, with a book on disk and a report. */
export function runCommand({ requiresTape }: { readonly requiresTape: boolean }): Command {
  const name = requiresTape ? 'backtest' : 'run'
  return async (words, terminal) => {
    if (!requiresTape) assertNoneKeptByNpm(keptNames, words, terminal.environment)
    if (!requiresTape && words.some(isBrokerOption)) return runLive(words, terminal)
    const { values, positionals } = parseOptions(name, words, options, {
      minimum: 0,
      maximum: 1,
      names: 'at most one definition',
      ...(requiresTape ? {} : { otherOptions: brokerOptions }),
    })
    if (values.resume === true && values.overwrite === true)
      throw usageError('--resume and --overwrite exclude each other')
    const resume = values.resume === true
    const place = await namedPlace(terminal, textOption(values, 'out'), resume)
    const settings = settingsOf(
      { values, config: positionals[0] },
      terminal,
      resume && place !== undefined ? await readRunSettings(place.database) : defaults,
    )
    if (requiresTape && settings.tape === undefined)
      throw usageError('backtest needs --tape DIR; tradeswarm run takes the bundled tape')
    await assertNoBroker(positionals[0], settings.config)
    const definition = settings.config === undefined ? undefined : await loadDefinition(settings.config)
    if (place !== undefined && !resume && values.overwrite !== true) await assertFree(terminal, place)
    return runTape(
      { place, settings, definition, resume, overwrite: values.overwrite === true, json: values.json === true },
      terminal,
    )
  }
}

/** A broker's name is no definition, unless there is one of that name. */
async function assertNoBroker(word: string | undefined, config: string | undefined): Promise<void> {
  if (word === undefined || config === undefined || !isVenueName(word) || (await kindOf(config)) === 'file') return
  throw usageError(`run ${word}: there is no such definition; to trade at ${word}, write run --broker ${word}`)
}

/** With one of these a run is at a broker. */
const brokerOptions = ['broker', 'fake', 'pace', 'stop-venue', 'mode', 'allow-live', 'symbols'] as const

/** npm has a `--json` of its own. */
const keptNames = [...brokerOptions, ...Object.keys(options).filter((name) => name !== 'json')]

const isBrokerOption = (word: string): boolean =>
  brokerOptions.some((name) => word === `--${name}` || word.startsWith(`--${name}=`))

type Given = { readonly values: Parameters<typeof textOption>[0]; readonly config: string | undefined }

function settingsOf({ values, config }: Given, terminal: Terminal, base: RunSettings): RunSettings {
  const tape = textOption(values, 'tape')
  const from = dateOption(values, 'from') ?? base.from
  const to = dateOption(values, 'to') ?? base.to
  if (from !== undefined && to !== undefined && from > to) throw usageError(`--from ${from} is after --to ${to}`)
  const tapePath = tape === undefined ? base.tape : resolve(terminal.workingDirectory, tape)
  const configPath = config === undefined ? base.config : resolve(terminal.workingDirectory, config)
  return {
    ...(configPath === undefined ? {} : { config: configPath }),
    cash: amountOption(values, 'cash') ?? base.cash,
    seed: wholeNumberOption(values, 'seed') ?? base.seed,
    lenient: values.lenient === true || base.lenient,
    ...(tapePath === undefined ? {} : { tape: tapePath }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

/** The folder that the person named, or the one of the run to resume; undefined when the run gets a new folder of its own. */
async function namedPlace(terminal: Terminal, out: string | undefined, resume: boolean): Promise<Place | undefined> {
  if (out === undefined) return resume ? placeIn(await latestRunFolder(terminal.workingDirectory)) : undefined
  const folder = resolve(terminal.workingDirectory, out)
  if ((await kindOf(folder)) === 'file') throw usageError(`--out ${shown(terminal, folder)} is a file: name a folder`)
  return placeIn(folder)
}

async function assertFree(terminal: Terminal, { database, report }: Place): Promise<void> {
  for (const file of [database, report]) {
    if ((await kindOf(file)) !== 'file') continue
    const resuming = file === database ? '--resume goes on with it, ' : ''
    throw usageError(
      `${shown(terminal, file)} exists: ${resuming}--overwrite replaces it, another --out leaves it alone`,
    )
  }
}

type RunOptions = {
  readonly place: Place | undefined
  readonly settings: RunSettings
  readonly definition: TradingSwarmDefinition | undefined
  readonly resume: boolean
  readonly overwrite: boolean
  readonly json: boolean
}

async function runTape(
  { place: named, settings, definition, resume, overwrite, json }: RunOptions,
  terminal: Terminal,
): Promise<number> {
  const tape = await tapeOf(settings)
  if (named !== undefined && (overwrite || resume))
    await assertIdle(named.database, shown(terminal, named.database), 'name another --out')
  const place = named ?? placeIn(await makeRunFolder(terminal.workingDirectory, terminal.clock.now()))
  await makeFolder(place.folder)
  const progress = createProgress(terminal)
  const warnings = createWarnings()
  const abort = new AbortController()
  const stopListening = terminal.onInterrupt(() => abort.abort())
  const started = terminal.clock.now()
  try {
    const result = await backtest({
      tape,
      swarm: definition ?? defineTradingSwarm({ symbols: tape.instruments.map((instrument) => instrument.symbol) }),
      cash: { USD: settings.cash },
      seed: settings.seed,
      storage: await runStorage(place.database, settings, { resume, overwrite }),
      resume,
      signal: abort.signal,
      logger: warnings.logger,
      onProgress: (state) => progress.update(state),
    })
    progress.end()
    // Whoever resumes or overwrites a run wants its report anew; any other report was refused before the run began.
    if (resume || overwrite) await rm(place.report, { force: true })
    await result.writeReport(place.report)
    for (const line of warnings.lines()) terminal.complain(line)
    tell(result, { place, json, seconds: (terminal.clock.now() - started) / 1000 }, terminal)
    return result.status === 'completed' ? 0 : 130
  } finally {
    progress.end()
    stopListening()
  }
}

function tapeOf({ tape, from, to, lenient, seed }: RunSettings): Promise<Tape> {
  const window = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  return tape === undefined ? bundledTape({ seed, ...window }) : loadTape(tape, { lenient, ...window })
}

function tell(
  result: BacktestResult,
  { place, json, seconds }: { readonly place: Place; readonly json: boolean; readonly seconds: number },
  terminal: Terminal,
): void {
  const files = { report: place.report, database: place.database }
  if (json) {
    const { status, lastSession, journalHash, labels, statistics, benchmark, counts, tape } = result
    terminal.print(
      JSON.stringify({ status, lastSession, journalHash, labels, statistics, benchmark, counts, tape, files }),
    )
    return
  }
  for (const line of summaryTable(result, { seconds })) terminal.print(line)
  terminal.print('')
  terminal.print(`report   ${shown(terminal, files.report)}`)
  terminal.print(`journal  ${shown(terminal, files.database)}  hash ${result.journalHash}`)
  if (result.status === 'stopped') {
    terminal.print(
      `Stopped after the session of ${result.lastSession ?? 'no day yet'}. To go on: npm start -- --resume --out ${shown(terminal, place.folder)}`,
    )
  }
}

function shown(terminal: Terminal, path: string): string {
  const short = relative(terminal.workingDirectory, path)
  return short === '' || short.startsWith('..') ? path : short
}
