import { readRunEnd } from '@tradeswarm/backtest'
import { verifyJournal } from '@tradeswarm/core'
import { verifyBooks } from '@tradeswarm/trading'
import type { Command } from '../command.js'
import { parseOptions } from '../parse-options.js'
import { openRun } from '../runs/open-run.js'
import { readRecords } from '../runs/run-records.js'
import { verifyTexts } from '../runs/verify-texts.js'

/** `verify RUN`: the hash chain of the journal, and the books added up again from their entries. */
export const verifyCommand: Command = async (words, terminal) => {
  const { values, positionals } = parseOptions(
    'verify',
    words,
    { json: { type: 'boolean' } },
    { minimum: 0, maximum: 1, names: 'a run' },
  )
  const { storage, path } = await openRun(terminal.workingDirectory, positionals[0])
  try {
    const chain = await verifyJournal(storage.journal)
    const entries: unknown[] = []
    // A broken chain may hold lines that cannot be read at all, so the books are looked at only when it holds.
    if (chain.ok)
      for await (const record of readRecords(storage, ['ledger']))
        if (record.kind === 'booked') entries.push(record.booked.entry)
    const books = chain.ok ? verifyBooks(entries) : undefined
    const texts = chain.ok ? await verifyTexts(storage) : undefined
    const end = chain.ok ? await readRunEnd(storage) : undefined
    const cutOff = chain.ok && end !== undefined && (end.sequence !== chain.entries || end.hash !== chain.hash)
    const ok = chain.ok && books?.ok === true && texts?.ok === true && !cutOff
    if (values.json === true) {
      terminal.print(JSON.stringify({ run: path, ok, chain, end, books, texts }))
      return ok ? 0 : 1
    }
    terminal.print(
      chain.ok
        ? `Hash chain: ${chain.entries} entries hold, last hash ${chain.hash}`
        : `Hash chain: broken at entry ${chain.sequence}: ${chain.reason}`,
    )
    if (end === undefined && chain.ok)
      terminal.print('End: the run was not closed, so entries may be missing at its end; --resume closes it')
    if (cutOff && end !== undefined)
      terminal.print(
        `End: the run was closed with ${end.sequence} entries and hash ${end.hash}: what follows is missing or foreign`,
      )
    if (texts !== undefined)
      terminal.print(
        texts.ok
          ? `Texts: ${texts.texts} are what was read${texts.erased > 0 ? `, ${texts.erased} of them erased` : ''}`
          : `Texts: the one under ${texts.altered} was altered`,
      )
    if (books?.ok === true) {
      terminal.print(`Books: ${books.entries} entries, each balanced to 0; what remains on the accounts:`)
      for (const { account, asset, amount } of books.balances)
        terminal.print(`  ${account.padEnd(28)} ${amount.padStart(20)} ${asset}`)
    } else if (books !== undefined) terminal.print(`Books: wrong at ${books.entryId}: ${books.message}`)
    return ok ? 0 : 1
  } finally {
    await storage.close()
  }
}
