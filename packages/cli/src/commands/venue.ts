import { resolve } from 'node:path'
import { paceTape, type Tape } from '@tradeswarm/backtest'
import { type ClockAndTimers, createSystemClock } from '@tradeswarm/core'
import type { SessionDate } from '@tradeswarm/trading'
import type { Command } from '../command.js'
import { defaultPaceMs, paceOption } from '../live/live-options.js'
import { playTape, until } from '../live/play-tape.js'
import { chosenTape } from '../live/run-tape.js'
import { newKeys, writeVenueRecord } from '../live/venue-file.js'
import {
  amountOption,
  dateOption,
  type ParsedOptions,
  parseOptions,
  textOption,
  wholeNumberOption,
} from '../parse-options.js'
import { usageError } from '../usage-error.js'
import type { VenueDouble } from '../venues/venue.js'
import { venueNamed } from '../venues/venues.js'

/** What fills cost at a double beside the price, in basis points: as in a backtest. */
export const doubleSlippageBasisPoints = '5'

/** From the start of the double to the first night of its tape: for a swarm to start, and for its agents to take in a year of bars of each symbol. */
const leadMs = 4_000
const leadOfSymbolMs = 400
const longestLeadMs = 60_000
/** A double that nobody has asked for anything for so long has ended. */
const idleMs = 10 * 60_000
const checkEveryMs = 5_000

const options = {
  dir: { type: 'string' },
  pace: { type: 'string' },
  tape: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  cash: { type: 'string' },
  seed: { type: 'string' },
  lenient: { type: 'boolean' },
} as const

/** `venue BROKER --dir DIR`: the double of a venue that `run --fake` trades at, in a process of its own that outlives the swarm. It ends when it is asked to by a signal, or when nobody has asked it for anything for ten minutes. */
export const venueCommand: Command = async (words, terminal) => {
  const { values, positionals } = parseOptions('venue', words, options, { minimum: 1, maximum: 1, names: 'a broker' })
  const venue = venueNamed(positionals[0] ?? '')
  const folder = textOption(values, 'dir')
  if (folder === undefined)
    throw usageError('venue needs --dir DIR, the folder of the run; tradeswarm run --fake starts it')
  const place = resolve(terminal.workingDirectory, folder)
  const choice = { ...choiceOf(values), broker: venue.name }
  const tape = await chosenTape(choice)
  const clock = createSystemClock()
  const sessionMs = paceOption(values) ?? defaultPaceMs
  const lead = Math.min(longestLeadMs, leadMs + leadOfSymbolMs * (tape.instruments.length - 1))
  const paced = paceTape(tape, { beginsAt: clock.now() + lead, sessionMs })
  const cash = amountOption(values, 'cash') ?? '100000'
  const double = await venue.startDouble({
    symbols: tape.instruments.map(({ symbol }) => symbol),
    keys: newKeys(venue.keyVariables),
    cash,
    slippageBasisPoints: doubleSlippageBasisPoints,
    calendar: paced.calendar,
    pastBars: paced.pastBars,
    firstSession: firstSessionOf(tape),
  })
  const abort = new AbortController()
  const stopListening = terminal.onInterrupt(() => abort.abort())
  try {
    const { url, keys } = double
    const beginsAt = paced.beginsAt
    await writeVenueRecord(place, {
      format: 1,
      pid: process.pid,
      url,
      keys,
      beginsAt,
      sessionMs,
      cash,
      ...choice,
    })
    terminal.print(JSON.stringify({ url, pid: process.pid }))
    await Promise.all([playTape(paced, double, clock, abort.signal), untilIdle(double, clock, abort)])
  } finally {
    stopListening()
    await double.close()
  }
  return 0
}

/** There is one: a tape without sessions cannot be paced. */
function firstSessionOf({ bars, tradeFrom }: Tape): SessionDate {
  return [tradeFrom, ...bars.map(({ date }) => date)].sort()[0] ?? tradeFrom
}

function choiceOf(values: ParsedOptions['values']) {
  const [tape, from, to] = [textOption(values, 'tape'), dateOption(values, 'from'), dateOption(values, 'to')]
  return {
    seed: wholeNumberOption(values, 'seed') ?? 42,
    lenient: values.lenient === true,
    ...(tape === undefined ? {} : { tape }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

/** Calls off what still goes on when nobody has asked or listened for so long. */
async function untilIdle(double: VenueDouble, clock: ClockAndTimers, abort: AbortController): Promise<void> {
  let [seen, since] = [double.requests(), clock.now()]
  while (!abort.signal.aborted) {
    await until(clock.now() + checkEveryMs, clock, abort.signal)
    if (double.requests() !== seen || double.isHeard()) [seen, since] = [double.requests(), clock.now()]
    if (clock.now() - since >= idleMs) abort.abort()
  }
}
