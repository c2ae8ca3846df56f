import { verifyJournal } from '@tradeswarm/core'
import { verifyBooks } from '@tradeswarm/trading'
import type { Command } from '../command.js'
import { parseOptions } from '../parse-options.js'
import { openRun } from '../runs/open-run.js'
import { readRecords } from '../runs/run-records.js'

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
    const ok = chain.ok && books?.ok === true
    if (values.json === true) {
      terminal.print(JSON.stringify({ run: path, ok, chain, books }))
      return ok ? 0 : 1
    }
    terminal.print(
      chain.ok
        ? `Hash chain: ${chain.entries} entries hold, last hash ${chain.hash}`
        : `Hash chain: broken at entry ${chain.sequence}: ${chain.reason}`,
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
