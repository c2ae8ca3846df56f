import { type RunEnd, readRunEnd } from '@tradeswarm/backtest'
import { type JournalVerification, type Storage, SwarmError, verifyJournal } from '@tradeswarm/core'
import { findDamagedRows, type RowsVerdict } from '@tradeswarm/storage-sqlite'
import { type BooksVerdict, verifyBooks } from '@tradeswarm/trading'
import type { Command } from '../command.js'
import { parseOptions } from '../parse-options.js'
import { openRun } from '../runs/open-run.js'
import { readRecords } from '../runs/run-records.js'
import { liveCommandOf } from '../runs/run-settings.js'
import { type TextsVerdict, verifyTexts } from '../runs/verify-texts.js'

/** So many damaged rows are named; the rest are counted. */
const mostRowsNamed = 20

/** `verify RUN`: the hash chain of the journal, the checksum of every row, and the books added up again from their entries. */
export const verifyCommand: Command = async (words, terminal) => {
  const { values, positionals } = parseOptions(
    'verify',
    words,
    { json: { type: 'boolean' } },
    { minimum: 0, maximum: 1, names: 'a run' },
  )
  const { storage, path } = await openRun(terminal.workingDirectory, positionals[0])
  try {
    const verdict = await verifyRun(storage, path)
    if (values.json === true) terminal.print(JSON.stringify({ run: path, ...verdict }))
    else
      for (const line of linesOf(verdict, (await liveCommandOf(storage, path)) ?? '--resume closes it'))
        terminal.print(line)
    return verdict.ok ? 0 : 1
  } finally {
    await storage.close()
  }
}

type Verdict = {
  readonly ok: boolean
  readonly chain: JournalVerification
  readonly rows: RowsVerdict
  readonly end: RunEnd | undefined
  /** Absent, as the texts, where the chain is broken or entries were erased: then there is nothing to add up. */
  readonly books: BooksVerdict | undefined
  readonly texts: TextsVerdict | undefined
}

async function verifyRun(storage: Storage, path: string): Promise<Verdict> {
  const chain = await verifyJournal(storage.journal)
  const rows = await findDamagedRows(path)
  // A broken chain may hold lines that cannot be read at all, so the books are looked at only when it holds.
  const isReadable = chain.ok && chain.erased === undefined
  const entries: unknown[] = []
  if (isReadable)
    for await (const record of readRecords(storage, ['ledger']))
      if (record.kind === 'booked') entries.push(record.booked.entry)
  const books = isReadable ? verifyBooks(entries) : undefined
  const texts = isReadable ? await verifyTexts(storage) : undefined
  const end = chain.ok ? await readEnd(storage) : undefined
  const ok =
    chain.ok && rows.damaged.length === 0 && books?.ok !== false && texts?.ok !== false && !isCutOff(chain, end)
  return { ok, chain, rows, end, books, texts }
}

/** Where it is damaged itself, it is among the rows that are named. */
async function readEnd(storage: Storage): Promise<RunEnd | undefined> {
  try {
    return await readRunEnd(storage)
  } catch (error) {
    if (SwarmError.isInstance(error, 'STORAGE_CORRUPT')) return undefined
    throw error
  }
}

function isCutOff(chain: JournalVerification, end: RunEnd | undefined): boolean {
  return chain.ok && end !== undefined && (end.sequence !== chain.entries || end.hash !== chain.hash)
}

function linesOf({ chain, rows, end, books, texts }: Verdict, remedy: string): readonly string[] {
  return [
    chain.ok
      ? `Hash chain: ${chain.entries} entries hold, last hash ${chain.hash}`
      : `Hash chain: broken at entry ${chain.sequence}: ${chain.reason}`,
    ...erasedLines(chain),
    ...rowLines(rows),
    ...endLines(chain, rows, end, remedy),
    ...textLines(texts),
    ...bookLines(books),
  ]
}

function erasedLines(chain: JournalVerification): readonly string[] {
  const erased = chain.ok ? (chain.erased ?? []) : []
  const lines = erased.map(({ from, to, blob }) => `Erased: entries ${from} to ${to}, which lay in blob ${blob}`)
  return lines.length === 0
    ? []
    : [...lines, 'Books and texts: not looked at, for they need the entries that were erased']
}

function rowLines({ rows, damaged }: RowsVerdict): readonly string[] {
  if (damaged.length === 0) return [`Rows: ${rows} keys, records and blobs are what was written`]
  const named = damaged.slice(0, mostRowsNamed).map(({ reason }) => `Rows: ${reason}`)
  const more = damaged.length - named.length
  return more === 0 ? named : [...named, `Rows: ${more} more are damaged; --json names them all`]
}

function endLines(
  chain: JournalVerification,
  { damaged }: RowsVerdict,
  end: RunEnd | undefined,
  remedy: string,
): readonly string[] {
  if (!chain.ok) return []
  if (end === undefined)
    return damaged.length > 0 ? [] : [`End: the run was not closed, so entries may be missing at its end; ${remedy}`]
  if (!isCutOff(chain, end)) return []
  return [
    `End: the run was closed with ${end.sequence} entries and hash ${end.hash}: what follows is missing or foreign`,
  ]
}

function textLines(texts: TextsVerdict | undefined): readonly string[] {
  if (texts === undefined) return []
  if (!texts.ok) return [`Texts: the one under ${texts.altered} was altered`]
  return [`Texts: ${texts.texts} are what was read${texts.erased > 0 ? `, ${texts.erased} of them erased` : ''}`]
}

function bookLines(books: BooksVerdict | undefined): readonly string[] {
  if (books === undefined) return []
  if (!books.ok) return [`Books: wrong at ${books.entryId}: ${books.message}`]
  return [
    `Books: ${books.entries} entries, each balanced to 0; what remains on the accounts:`,
    ...books.balances.map(({ account, asset, amount }) => `  ${account.padEnd(28)} ${amount.padStart(20)} ${asset}`),
  ]
}
