import { resolve } from 'node:path'
import { replayRun } from '@tradeswarm/backtest'
import type { Command } from '../command.js'
import { parseOptions, textOption } from '../parse-options.js'
import { loadDefinition } from '../runs/load-definition.js'
import { openRun } from '../runs/open-run.js'
import { refuseLiveRun } from '../runs/run-settings.js'

/** `replay RUN`: runs the agents again over what the run took in. Exit 1 at the first difference. */
export const replayCommand: Command = async (words, terminal) => {
  const { values, positionals } = parseOptions(
    'replay',
    words,
    { json: { type: 'boolean' }, config: { type: 'string' } },
    { minimum: 0, maximum: 1, names: 'a run' },
  )
  const { storage, path } = await openRun(terminal.workingDirectory, positionals[0])
  try {
    await refuseLiveRun(storage, path, 'replayed')
    const config = textOption(values, 'config')
    const swarm = config === undefined ? undefined : await loadDefinition(resolve(terminal.workingDirectory, config))
    const result = await replayRun(storage, swarm === undefined ? {} : { swarm })
    if (values.json === true) terminal.print(JSON.stringify({ run: path, ...result }))
    else if (result.status === 'same')
      terminal.print(`The same: ${result.entries} entries, journal hash ${result.journalHash}`)
    else terminal.print(`Different at ${result.difference.message}`)
    return result.status === 'same' ? 0 : 1
  } finally {
    await storage.close()
  }
}
