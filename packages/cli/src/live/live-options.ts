import { resolve } from 'node:path'
import {
  amountOption,
  dateOption,
  type ParsedOptions,
  parseOptions,
  textOption,
  wholeNumberOption,
} from '../parse-options.js'
import type { Terminal } from '../terminal.js'
import { usageError } from '../usage-error.js'
import type { Venue } from '../venues/venue.js'
import { isVenueName, venueNamed, venueNames } from '../venues/venues.js'
import type { TapeChoice } from './run-tape.js'

const options = {
  broker: { type: 'string' },
  fake: { type: 'boolean' },
  pace: { type: 'string' },
  'stop-venue': { type: 'boolean' },
  mode: { type: 'string' },
  'allow-live': { type: 'boolean' },
  symbols: { type: 'string' },
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

/** A session and its night take so long where nobody says otherwise: 200 of them take 50 s. */
export const defaultPaceMs = 250
const [leastPaceMs, mostPaceMs] = [50, 86_400_000]

const fakeOnly = ['pace', 'stop-venue', 'tape', 'from', 'to', 'cash', 'seed', 'lenient', 'overwrite'] as const
const realOnly = ['mode', 'allow-live', 'symbols'] as const

/** What a run through a tape in virtual time has no use for. */
const brokerOnly: ReadonlySet<string> = new Set(['fake', 'pace', 'stop-venue', ...realOnly])

/** What `run --broker` was told; what was not said is left out. */
export type LiveOptions = {
  readonly venue: Venue
  /** Absolute paths. */
  readonly config?: string
  readonly out?: string
  readonly overwrite: boolean
  readonly json: boolean
} & (
  | ({
      readonly fake: true
      readonly stopVenue: boolean
      readonly sessionMs?: number
      readonly cash?: string
    } & Partial<TapeChoice>)
  | {
      readonly fake: false
      readonly mode: 'paper' | 'live'
      readonly allowLive: boolean
      readonly symbols?: readonly string[]
    }
)

/** Reads the words after `run`. Throws wrong usage that names the option and what to write. */
export function liveOptions(words: readonly string[], terminal: Terminal): LiveOptions {
  const { values, positionals } = parseOptions('run', words, options, {
    minimum: 0,
    maximum: 1,
    names: 'at most one definition',
  })
  const broker = textOption(values, 'broker')
  if (broker === undefined) {
    const given = [...fakeOnly, ...realOnly, 'fake'].find((name) => brokerOnly.has(name) && values[name] !== undefined)
    const [word = ''] = positionals
    const meant = isVenueName(word) ? `write --broker ${word}` : `name one of ${venueNames}`
    throw usageError(`--${given} goes with --broker: ${meant}`)
  }
  const venue = venueNamed(broker)
  if (values['resume'] === true)
    throw usageError('--resume: a run at a broker goes on by itself when the same command is given again; leave it out')
  const fake = values['fake'] === true
  for (const name of fake ? realOnly : fakeOnly) {
    if (values[name] === undefined) continue
    const why = fake
      ? 'goes without --fake: the double has paper alone, and what is on the tape'
      : 'goes with --fake only'
    throw usageError(`--${name} ${why}`)
  }
  const out = textOption(values, 'out')
  const config = positionals[0]
  const common = {
    venue,
    overwrite: values['overwrite'] === true,
    json: values['json'] === true,
    ...(config === undefined ? {} : { config: resolve(terminal.workingDirectory, config) }),
    ...(out === undefined ? {} : { out: resolve(terminal.workingDirectory, out) }),
  }
  return fake
    ? { ...common, fake, ...fakeOptions(values, terminal) }
    : { ...common, fake, ...realOptions(values, venue) }
}

function fakeOptions(values: ParsedOptions['values'], terminal: Terminal) {
  const tape = textOption(values, 'tape')
  const [from, to] = [dateOption(values, 'from'), dateOption(values, 'to')]
  if (from !== undefined && to !== undefined && from > to) throw usageError(`--from ${from} is after --to ${to}`)
  const sessionMs = paceOption(values)
  const cash = amountOption(values, 'cash')
  const seed = wholeNumberOption(values, 'seed')
  return {
    stopVenue: values['stop-venue'] === true,
    ...(sessionMs === undefined ? {} : { sessionMs }),
    ...(cash === undefined ? {} : { cash }),
    ...(seed === undefined ? {} : { seed }),
    ...(values['lenient'] === true ? { lenient: true } : {}),
    ...(tape === undefined ? {} : { tape: resolve(terminal.workingDirectory, tape) }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

function realOptions(values: ParsedOptions['values'], venue: Venue) {
  const mode = textOption(values, 'mode') ?? 'paper'
  if (mode !== 'live' && mode !== 'paper' && mode !== venue.paperMode)
    throw usageError(`--mode ${mode}: write ${venue.paperMode}, or live for real money`)
  const allowLive = values['allow-live'] === true
  if (mode === 'live' && !allowLive)
    throw usageError('--mode live trades real money: say so a second time with --allow-live')
  if (mode !== 'live' && allowLive) throw usageError('--allow-live goes with --mode live only: which one is meant?')
  const symbols = textOption(values, 'symbols')?.split(',')
  if (symbols !== undefined) assertSymbols(symbols, venue)
  return {
    mode: mode === 'live' ? ('live' as const) : ('paper' as const),
    allowLive,
    ...(symbols === undefined ? {} : { symbols }),
  }
}

function assertSymbols(symbols: readonly string[], venue: Venue): void {
  const odd = symbols.find((symbol) => !venue.isSymbol(symbol))
  const how = `write symbols such as ${venue.symbolExample}, with commas and without spaces`
  if (odd === '') throw usageError(`--symbols: one of them is empty: ${how}`)
  if (odd !== undefined) throw usageError(`--symbols ${odd}: ${how}`)
  const twice = symbols.find((symbol, index) => symbols.indexOf(symbol) < index)
  if (twice !== undefined) throw usageError(`--symbols: ${twice} is given twice`)
}

/** How long a session and its night take. Throws wrong usage. */
export function paceOption(values: ParsedOptions['values']): number | undefined {
  const text = textOption(values, 'pace')
  if (text === undefined) return undefined
  const sessionMs = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (sessionMs >= leastPaceMs && sessionMs <= mostPaceMs) return sessionMs
  throw usageError(`--pace ${text}: write the milliseconds that a session takes, from ${leastPaceMs} to ${mostPaceMs}`)
}
