import { join } from 'node:path'
import { createSystemRandom, messageOf, SwarmError } from '@tradeswarm/core'
import type { Command } from '../command.js'
import { BarFiles, type DividendsOf, type HeldBars } from '../fetch/bar-files.js'
import { type FetchChunk, fetchChunks, uncovered } from '../fetch/fetch-chunks.js'
import { createFetchProgress, type FetchProgress } from '../fetch/fetch-progress.js'
import { createFetchReport, dayText } from '../fetch/fetch-report.js'
import { type FetchRequest, fetchRequest } from '../fetch/fetch-request.js'
import { lockFolder } from '../fetch/lock-folder.js'
import { shown } from '../live/tell-run.js'
import { assertIdle } from '../runs/assert-idle.js'
import { databaseName, makeFolder } from '../runs/find-run.js'
import type { Terminal } from '../terminal.js'
import type { Venue, VenueAccess, VenueBar } from '../venues/venue.js'
import { toldInVenueWords } from '../venues/venue-words.js'
import { accessFrom } from '../venues/venues.js'

/** `fetch`: a venue's history of a symbol into a folder, piece by piece, so that it can be killed and gone on with. */
export const fetchCommand: Command = async (words, terminal) => {
  const request = fetchRequest(words, terminal)
  const access = { ...accessFrom(request.venue, terminal, true), prices: 'live' as const }
  await makeFolder(request.folder)
  await assertIdle(
    join(request.folder, databaseName),
    shown(terminal, join(request.folder, databaseName)),
    'fetch into another folder',
  )
  const unlock = await lockFolder(request.folder)
  const abort = new AbortController()
  const stopListening = terminal.onInterrupt(() => abort.abort())
  try {
    return await toldInVenueWords(request.venue, { urls: request.venue.dataUrlVariable }, () =>
      fetchInto(request, access, abort.signal, terminal),
    )
  } finally {
    stopListening()
    await unlock()
  }
}

async function fetchInto(
  request: FetchRequest,
  access: VenueAccess,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<number> {
  const { venue, symbol, timeframe, from, to, barMs, folder, overwrite, json } = request
  const range = { from, to }
  const files = new BarFiles(folder, { broker: venue.name, symbol, timeframe }, overwrite)
  const missing = uncovered(range, await files.covered())
  const tell = createFetchReport(request, files.path, terminal)
  if (missing.length === 0) {
    const held = await files.held(range)
    await finish(files)
    tell.isThere(held)
    return 0
  }
  await assertSamePrices(request, access, files)
  const chunks = missing.flatMap((stretch) => fetchChunks(stretch.from, stretch.to, barMs))
  const progress = createFetchProgress(terminal, json)
  const fetched = await fetchChunksOf(request, access, { files, chunks, progress, signal }).finally(() =>
    progress.end(),
  )
  if (signal.aborted) {
    tell.stopped(await files.held(range), fetched)
    return 130
  }
  const isClosed =
    venue.isClosed && ((stretch: FetchChunk) => venue.isClosed?.({ symbol, timeframe, ...stretch }) === true)
  const merged = await files.merge(range, chunks, { barMs, isClosed }, dividendsOf(request, access, terminal))
  if (merged.settled === undefined) {
    await files.dropParts()
    throw noBars(request, merged)
  }
  await finish(files)
  tell.completed(merged, fetched)
  return 0
}

/** Of a symbol that is there at another time, the spelling is right. */
function noBars({ venue, symbol, timeframe, from, to }: FetchRequest, { inAll }: HeldBars): SwarmError {
  const hint =
    inAll === 0
      ? `look up how it is written there, such as ${venue.symbolExample}, and since when it is traded`
      : 'it has some of another time, which are kept; look up since when it is traded, and on which days'
  return new SwarmError({
    code: 'NO_BARS',
    message: `${venue.name} has no ${timeframe} bars of ${symbol} from ${dayText(from)} to ${dayText(to)}: ${hint}`,
  })
}

/** A split changes all prices before it: those that were fetched earlier are no longer what the venue tells of them. */
async function assertSamePrices(request: FetchRequest, access: VenueAccess, files: BarFiles): Promise<void> {
  const first = await files.firstBar()
  if (first === undefined) return
  const { start, prices } = first
  // A day is kept by its date alone.
  const asked = { from: start, to: request.timeframe === '1d' ? start + dayMs - 1 : start }
  const [now] = await barsOf(request, access, asked)
  if (now === undefined && !first.isNoted) throw notTheVenues(request, files, start)
  if (now === undefined) return
  const pricesNow = [now.open, now.high, now.low, now.close]
  if (pricesNow.every((price, index) => price === prices[index])) return
  const { venue, symbol } = request
  throw new SwarmError({
    code: 'FETCH_OUTDATED',
    message: `${files.path}: ${symbol} of ${dayText(start)} closed at ${prices[3]} when it was fetched, and by ${venue.name} at ${now.close} today: a split since then has changed all prices before it; fetch the whole range anew with --overwrite`,
  })
}

/** Beside what another source has told, bars of the venue would be a series that nobody has had. */
function notTheVenues({ venue, symbol }: FetchRequest, { path }: BarFiles, start: number): SwarmError {
  return new SwarmError({
    code: 'FETCH_FOREIGN',
    message: `${path} holds a bar of ${symbol} of ${dayText(start)} that ${venue.name} does not have, and that no fetch has noted: fetch into a folder of its own, or replace what is there of ${symbol} with --overwrite`,
  })
}

/** What follows the note of what is covered. A fetch that was killed between them leaves it to the next one. */
async function finish(files: BarFiles): Promise<void> {
  await files.makeTape()
  await files.dropParts()
}

/** What cannot be had does not keep the bars away, but it is said. */
function dividendsOf({ venue, symbol }: FetchRequest, access: VenueAccess, terminal: Terminal): DividendsOf {
  return async (from, to) => {
    try {
      return (await venue.dividends?.(access, { symbol, from, to, random: createSystemRandom() })) ?? []
    } catch (cause) {
      if (!SwarmError.isInstance(cause) || cause.code !== 'BROKER_REFUSED') throw cause
      terminal.complain(`${symbol} is without dividends, adjClose is the close: ${messageOf(cause)}`)
      return []
    }
  }
}

type FetchParts = {
  readonly files: BarFiles
  readonly chunks: readonly FetchChunk[]
  readonly progress: FetchProgress
  readonly signal: AbortSignal
}

/** Fetches what is not there yet. Answers how many bars the pieces hold, those of an earlier fetch too that was stopped. */
async function fetchChunksOf(request: FetchRequest, access: VenueAccess, parts: FetchParts): Promise<number> {
  const { files, chunks, progress, signal } = parts
  let bars = 0
  for (const [index, chunk] of chunks.entries()) {
    if (signal.aborted) break
    const kept = await files.keptBars(chunk)
    if (kept === undefined) {
      const found = await barsOf(request, access, chunk)
      await files.keepPart(chunk, found)
      bars += found.length
    } else {
      bars += kept
      if (kept > 0) progress.goesOn()
    }
    progress.update({ done: (index + 1) / chunks.length, bars, until: chunk.to })
  }
  return bars
}

async function barsOf(
  { venue, symbol, timeframe }: FetchRequest,
  access: VenueAccess,
  { from, to }: FetchChunk,
): Promise<readonly VenueBar[]> {
  const query = { symbol, timeframe, from, to, random: createSystemRandom(), splitAdjusted: true, areOver: true }
  const found: VenueBar[] = []
  try {
    for await (const rows of venue.bars(access, query)) found.push(...rows)
  } catch (cause) {
    // What is wrong with the keys' form is wrong whatever is fetched.
    if (!SwarmError.isInstance(cause) || cause.code === 'INVALID_OPTION') throw cause
    const hint =
      cause.code === 'BROKER_REFUSED'
        ? refusalHint(cause.message, venue)
        : '; what is there is kept, and the same command goes on from there'
    throw new SwarmError({
      code: cause.code,
      message: `${symbol} from ${dayText(from)}: ${messageOf(cause)}${hint}`,
      cause,
    })
  }
  // A venue may give a bar twice, or one that lies outside.
  return [...new Map(found.filter(({ start }) => start >= from && start <= to).map((bar) => [bar.start, bar])).values()]
}

const dayMs = 86_400_000

/** A refusal is for good. One that is about the symbol says so in the venue's words. */
function refusalHint(said: string, { symbolExample }: Venue): string {
  return /symbol|instrument/i.test(said) ? `; look up how it is written there, such as ${symbolExample}` : ''
}
