import type { Command } from '../command.js'
import { renderRows } from '../output/rows.js'
import { parseOptions } from '../parse-options.js'
import { type Listing, listRun } from '../runs/list-run.js'
import { openRun } from '../runs/open-run.js'

/** `orders`, `fills`, `ledger` and `signals`: what a run holds, in order of virtual time. */
export function listCommand(listing: Listing): Command {
  return async (words, terminal) => {
    const { values, positionals } = parseOptions(
      listing,
      words,
      { json: { type: 'boolean' } },
      { minimum: 0, maximum: 1, names: 'a run' },
    )
    const { storage } = await openRun(terminal.workingDirectory, positionals[0])
    try {
      const rows = await listRun(storage, listing)
      if (values.json === true) terminal.print(JSON.stringify(rows))
      else for (const line of rows.length === 0 ? [`no ${listing} in this run`] : renderRows(rows)) terminal.print(line)
      return 0
    } finally {
      await storage.close()
    }
  }
}
