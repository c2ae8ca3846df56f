import { join } from 'node:path'
import { defineTradingSwarm, type TradingSwarmDefinition } from '@tradeswarm/agents'
import { createSystemClock, createSystemRandom, messageOf, SwarmError } from '@tradeswarm/core'
import {
  type BrokerDefinition,
  type CalendarName,
  decimal,
  type Instrument,
  type TradingCalendar,
  tradingCalendar,
} from '@tradeswarm/trading'
import { createWarnings } from '../output/warnings.js'
import { databaseName, makeFolder } from '../runs/find-run.js'
import { loadDefinition } from '../runs/load-definition.js'
import type { Terminal } from '../terminal.js'
import { usageError } from '../usage-error.js'
import type { Venue, VenueAccess } from '../venues/venue.js'
import { type CommandWords, inVenueWords, toldInVenueWords } from '../venues/venue-words.js'
import { accessFrom } from '../venues/venues.js'
import { openToLook } from './compare-books.js'
import { liveLife } from './live-life.js'
import type { LiveOptions } from './live-options.js'
import { assertBooksOf, lastInputsOf, liveStorage, openStored } from './live-storage.js'
import { lockAccount } from './lock-account.js'
import { createRunNews, type HeldAsset } from './run-news.js'
import { comparisonLines, shown } from './tell-run.js'

type RealOptions = Extract<LiveOptions, { fake: false }>

/** So many days of bars are asked for at the start: some 260 sessions. */
const historyMs = 400 * 86_400_000
/** So far ahead the venue's own calendar is asked for; later days are those by rule. */
const aheadMs = 365 * 86_400_000
const preOpenLeadMs = 15 * 60_000

/** `run --broker NAME`: the swarm at a venue, until somebody stops it. The same command goes on with the same books. */
export async function runReal(options: RealOptions, terminal: Terminal): Promise<number> {
  const { venue, mode } = options
  // Who trades with real money must look at real prices.
  const access = { ...accessFrom(venue, terminal), prices: mode }
  // What a definition says is its author's, in its own words.
  const definition = await definitionOf(options)
  return toldInVenueWords(venue, wordsOf(venue), async () => {
    const parts = { access, definition, broker: brokerOf(options, access, definition) }
    // The books of an account are gone on with, so they have a place of their own.
    const folder = options.out ?? join(terminal.workingDirectory, 'runs', `${venue.name}-${mode}`)
    const letGo = await lockAccount({ venue, access, mode, folder })
    try {
      return await runAt(options, { ...parts, folder }, terminal)
    } finally {
      await letGo()
    }
  })
}

function brokerOf(
  { venue, mode, allowLive }: RealOptions,
  access: VenueAccess,
  { symbols }: TradingSwarmDefinition,
): BrokerDefinition {
  return venue.broker(access, { symbols, mode, allowLive })
}

function wordsOf({ tradingUrlVariable, dataUrlVariable }: Venue): CommandWords {
  const urls = [...new Set([tradingUrlVariable, dataUrlVariable])].join(' and ')
  return { urls, mode: '--mode' }
}

type RealParts = {
  readonly access: VenueAccess
  readonly definition: TradingSwarmDefinition
  readonly broker: BrokerDefinition
  readonly folder: string
}

async function runAt(
  options: RealOptions,
  { access, definition, broker, folder }: RealParts,
  terminal: Terminal,
): Promise<number> {
  const { venue, mode, allowLive } = options
  const { symbols } = definition
  const database = join(folder, databaseName)
  const place = { broker: venue.name, mode }
  await assertBooksOf(database, place, shown(terminal, database))
  const account = await look(broker, symbols)
  await makeFolder(folder)
  const warnings = createWarnings()
  const abort = new AbortController()
  const stopListening = terminal.onInterrupt(() => abort.abort())
  const clock = createSystemClock()
  const now = clock.now()
  const hours = await hoursOf(options, { access, now, name: account.instruments[0]?.calendar ?? 'us-equity' }, terminal)
  try {
    terminal.complain(
      `${venue.name}, ${mode === 'live' ? mode : venue.paperMode}: ${symbols.join(' ')}, books in ${shown(terminal, database)}; Ctrl-C stops it`,
    )
    const life = await liveLife(
      {
        venue,
        access,
        definition,
        broker,
        sessions: { calendar: hours.calendar, preOpenLeadMs },
        ...(hours.isTold ? { calendarName: hours.calendar.name } : {}),
        instruments: account.instruments,
        cash: account.cash,
        historyFrom: now - historyMs,
        since: now,
        storage: liveStorage(database, place),
        openStored: () => openStored(database),
        lastInputs: await lastInputsOf(database, place),
        isAlone: false,
        allowLive,
      },
      {
        logger: warnings.logger,
        signal: abort.signal,
        ...createRunNews(
          { symbols, currency: venue.currency, calendar: hours.calendar, others: account.others },
          terminal,
        ),
      },
    )
    const { comparison, portfolio } = life
    if (options.json)
      terminal.print(JSON.stringify({ status: life.status, portfolio, books: comparison, files: { database } }))
    else for (const line of comparisonLines(comparison, venue.name)) terminal.print(line)
    return comparison.agree ? 130 : 1
  } finally {
    for (const line of warnings.lines()) terminal.complain(line)
    stopListening()
  }
}

/** When the venue trades: as it tells, and by rule where it does not. */
async function hoursOf(
  { venue, mode }: RealOptions,
  { access, now, name }: { readonly access: VenueAccess; readonly now: number; readonly name: CalendarName },
  terminal: Terminal,
): Promise<{ readonly calendar: TradingCalendar; readonly isTold: boolean }> {
  const byRule = { calendar: tradingCalendar(name), isTold: false }
  if (venue.calendar === undefined || name !== 'us-equity') return byRule
  try {
    const stretch = { from: now - historyMs, to: now + aheadMs }
    return { calendar: await venue.calendar(access, { mode, ...stretch, random: createSystemRandom() }), isTold: true }
  } catch (thrown) {
    terminal.complain(
      `${venue.name} did not tell its calendar, so days are those by rule: ${messageOf(inVenueWords(venue, thrown, wordsOf(venue)))}`,
    )
    return byRule
  }
}

async function definitionOf({ config, symbols, venue }: RealOptions): Promise<TradingSwarmDefinition> {
  if (config !== undefined) {
    if (symbols !== undefined)
      throw usageError('--symbols: the definition names its own symbols; leave one of them out')
    return loadDefinition(config)
  }
  if (symbols === undefined)
    throw usageError(`--broker ${venue.name} needs --symbols, such as ${venue.symbolExample}, or a definition`)
  return defineTradingSwarm({ symbols })
}

/** What the account holds and what it may trade, before anything is written. */
async function look(
  definition: BrokerDefinition,
  symbols: readonly string[],
): Promise<{
  readonly cash: string
  readonly instruments: readonly Instrument[]
  readonly others: readonly HeldAsset[]
}> {
  const broker = await openToLook(definition)
  try {
    const instruments = symbols.map((symbol) => {
      const instrument = broker.instrument(symbol)
      if (instrument !== undefined) return instrument
      throw new SwarmError({
        code: 'INSTRUMENT_NOT_FOUND',
        message: `${symbol} cannot be traded at ${definition.name}: look up how it is written there`,
      })
    })
    const currency = definition.currency ?? 'USD'
    const balances = await broker.balances()
    const cash = balances.find(({ asset }) => asset === currency)?.total ?? '0'
    const known = new Set([currency, ...instruments.map(({ asset }) => asset)])
    const others = balances.filter(({ asset, total }) => !known.has(asset) && !decimal(total).isZero())
    return { cash, instruments, others }
  } finally {
    await broker.close()
  }
}
