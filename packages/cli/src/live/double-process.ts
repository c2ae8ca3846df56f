import { spawn } from 'node:child_process'
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSystemClock, SwarmError } from '@tradeswarm/core'
import { kindOf } from '../runs/find-run.js'
import { venueNamed } from '../venues/venues.js'
import { until } from './play-tape.js'
import type { TapeChoice } from './run-tape.js'
import { readVenueRecord, type VenueRecord, venueFileName } from './venue-file.js'

const logName = 'venue.log'
const startTimeoutMs = 60_000
const stopTimeoutMs = 10_000
const lookEveryMs = 50

/** What a double is to play, and how fast. */
export type DoubleChoice = TapeChoice & { readonly broker: string; readonly sessionMs: number; readonly cash: string }

/** Whether a double still listens, and is the one that the record is of: nobody else takes its keys. */
export function isAlive({ broker, url, keys }: VenueRecord): Promise<boolean> {
  return venueNamed(broker).answers({ tradingUrl: url, dataUrl: url, keys })
}

/** The latest run in `runs/` whose double at this broker is alive. */
export async function latestLivingRun(workingDirectory: string, broker: string): Promise<string | undefined> {
  const runs = join(workingDirectory, 'runs')
  const names = await readdir(runs).catch(() => [])
  for (const name of [...names].sort().reverse()) {
    const folder = join(runs, name)
    if ((await kindOf(join(folder, venueFileName))) !== 'file') continue
    const record = await readVenueRecord(folder)
    if (record?.broker === broker && (await isAlive(record))) return folder
  }
  return undefined
}

/** Starts a double that outlives this process, and waits until it listens. Throws `VENUE_NOT_STARTED` with what it said. */
export async function startDouble(folder: string, choice: DoubleChoice): Promise<VenueRecord> {
  const log = await open(join(folder, logName), 'a', 0o600)
  try {
    const words = [commandPath(), 'venue', choice.broker, '--dir', folder, ...wordsOf(choice)]
    const child = spawn(process.execPath, words, { detached: true, stdio: ['ignore', log.fd, log.fd] })
    let isGone = false
    child.once('error', () => (isGone = true))
    child.once('exit', () => (isGone = true))
    child.unref()
    const clock = createSystemClock()
    for (const begun = clock.now(); clock.now() - begun < startTimeoutMs; ) {
      // Before the look, so that what was written last of all is seen.
      const isOver = isGone
      const record = await readVenueRecord(folder)
      if (record !== undefined) return record
      if (isOver) break
      await until(clock.now() + lookEveryMs, clock)
    }
    child.kill()
  } finally {
    await log.close()
  }
  const said = (await readFile(join(folder, logName), 'utf8').catch(() => '')).trim().split('\n').at(-1) ?? ''
  throw new SwarmError({
    code: 'VENUE_NOT_STARTED',
    message: `the double of ${choice.broker} did not start: ${said === '' ? 'it said nothing' : said}`,
  })
}

/** Asks a double to end, and waits until it has. False where it had ended before. */
export async function stopDouble(record: VenueRecord): Promise<boolean> {
  if (!(await isAlive(record))) return false
  if (!askToEnd(record)) return false
  const clock = createSystemClock()
  for (const asked = clock.now(); clock.now() - asked < stopTimeoutMs; ) {
    if (!(await isAlive(record))) return true
    await until(clock.now() + lookEveryMs, clock)
  }
  throw new SwarmError({
    code: 'VENUE_NOT_STOPPED',
    message: `the double of ${record.broker} still answers ${stopTimeoutMs / 1_000} s after it was asked to end: it is process ${record.pid}`,
  })
}

/** Whether the process of a double still runs; one of another user's under the same number counts. */
export function isRunning({ pid }: VenueRecord): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

/** False where its process is gone: it ended meanwhile, or whoever answers there is somebody else. */
function askToEnd({ pid }: VenueRecord): boolean {
  try {
    return process.kill(pid, 'SIGTERM')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/** This command, as it was built. */
function commandPath(): string {
  return fileURLToPath(new URL('./main.js', import.meta.url))
}

function wordsOf({ sessionMs, cash, seed, lenient, tape, from, to }: DoubleChoice): readonly string[] {
  return [
    '--pace',
    String(sessionMs),
    '--cash',
    cash,
    '--seed',
    String(seed),
    ...(lenient ? ['--lenient'] : []),
    ...(tape === undefined ? [] : ['--tape', tape]),
    ...(from === undefined ? [] : ['--from', from]),
    ...(to === undefined ? [] : ['--to', to]),
  ]
}
