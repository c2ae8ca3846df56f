import { resolve } from 'node:path'
import { type ParsedOptions, parseOptions, textOption } from '../parse-options.js'
import type { Terminal } from '../terminal.js'
import { usageError } from '../usage-error.js'
import type { Venue } from '../venues/venue.js'
import { venueNamed, venueNames } from '../venues/venues.js'

const options = {
  broker: { type: 'string' },
  symbol: { type: 'string' },
  timeframe: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  out: { type: 'string' },
  overwrite: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

const dayMs = 86_400_000
const earliest = Date.UTC(1970, 0, 2)
/** A venue may need a moment to call a bar that has ended complete, and change it while late prints come in. */
const settledMs = 60_000
/** Weeks begin on Mondays; 1970 began on a Thursday. */
const firstMonday = 4 * dayMs
const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: dayMs, w: 7 * dayMs }

/** What is to be fetched, and where to. Bars that begin from `from` to `to`, both included, in epoch milliseconds. */
export type FetchRequest = {
  readonly venue: Venue
  readonly symbol: string
  readonly timeframe: string
  readonly barMs: number
  readonly from: number
  readonly to: number
  /** Absolute path. */
  readonly folder: string
  /** Bars that are there are fetched anew, whoever they came from. */
  readonly overwrite: boolean
  readonly json: boolean
}

/** Reads the words after `fetch`. Throws wrong usage that names the option, its value and what to write. */
export function fetchRequest(words: readonly string[], terminal: Terminal): FetchRequest {
  const { values } = parseOptions('fetch', words, options, { minimum: 0, maximum: 0, names: 'no words of its own' })
  const venue = venueNamed(needed(values, 'broker', venueNames))
  const symbol = needed(values, 'symbol', venue.symbolExample)
  if (!venue.isSymbol(symbol)) throw usageError(`--symbol ${symbol}: write it as ${venue.symbolExample}`)
  const timeframe = needed(values, 'timeframe', '1m')
  if (!venue.timeframes.includes(timeframe))
    throw usageError(`--timeframe ${timeframe}: ${venue.name} has ${venue.timeframes.join(', ')}`)
  const from = instantOption(values, 'from', 'start')
  const to = instantOption(values, 'to', 'end')
  const [first, last] = [textOption(values, 'from'), textOption(values, 'to')]
  if (from > to)
    throw usageError(
      first === last
        ? `--from and --to are both ${first}: no bar begins between`
        : `--from ${first} is after --to ${last}`,
    )
  const now = terminal.clock.now()
  const barMs = lengthOf(timeframe)
  if (endOfBar(to, barMs) + settledMs > now)
    throw usageError(
      `--to ${textOption(values, 'to')} has not ended${to < now ? `, or the bar of ${timeframe} that it lies in has not for a minute` : ''}: bars of then may yet change; the last day that has is ${new Date(now - dayMs).toISOString().slice(0, 10)}`,
    )
  const folder = resolve(terminal.workingDirectory, needed(values, 'out', 'a folder for the tape'))
  const [overwrite, json] = [values['overwrite'] === true, values['json'] === true]
  return { venue, symbol, timeframe, barMs, from, to, folder, overwrite, json }
}

/** When the bar ends that an instant lies in: one that is not over is noted as fetched, and never asked for again. */
function endOfBar(time: number, barMs: number): number {
  const shift = barMs === unitMs['w'] ? firstMonday : 0
  return (Math.floor((time - shift) / barMs) + 1) * barMs + shift
}

function needed(values: ParsedOptions['values'], name: string, example: string): string {
  const value = textOption(values, name)
  if (value !== undefined) return value
  throw usageError(`fetch needs --${name}: ${example}; see tradeswarm fetch --help`)
}

function lengthOf(timeframe: string): number {
  const [, count = '1', unit = 'm'] = /^(\d+)([mhdw])$/.exec(timeframe) ?? []
  return Number(count) * (unitMs[unit] ?? unitMs['m'] ?? 60_000)
}

/** A day, whole, or an instant in UTC; as an end the last millisecond before the bars that are not meant. */
function instantOption(values: ParsedOptions['values'], name: string, end: 'start' | 'end'): number {
  const text = needed(values, name, 'a day such as 2024-01-31')
  const [, day, clock] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)Z)?$/.exec(text) ?? []
  const time = Date.parse(`${day}T${clock ?? '00:00'}Z`)
  const isReal = Number.isFinite(time) && new Date(time).toISOString().startsWith(day ?? '-') && time >= earliest
  if (!isReal)
    throw usageError(
      `--${name} ${text}: write a day such as 2024-01-31, or an instant in UTC such as 2024-01-31T14:30Z`,
    )
  if (end === 'start') return time
  return clock === undefined ? time + dayMs - 1 : time - 1
}
