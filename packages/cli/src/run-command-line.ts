import { nearestName, SwarmError } from '@tradeswarm/core'
import type { Command } from './command.js'
import { explainCommand } from './commands/explain.js'
import { fetchCommand } from './commands/fetch.js'
import { listCommand } from './commands/list.js'
import { replayCommand } from './commands/replay.js'
import { runCommand } from './commands/run.js'
import { venueCommand } from './commands/venue.js'
import { verifyCommand } from './commands/verify.js'
import { help } from './help.js'
import { inCommandWords } from './output/command-words.js'
import type { Terminal } from './terminal.js'
import { isUsageError, usageError } from './usage-error.js'
import { version } from './version.js'

const commands: Readonly<Record<string, Command>> = {
  run: runCommand({ requiresTape: false }),
  backtest: runCommand({ requiresTape: true }),
  fetch: fetchCommand,
  replay: replayCommand,
  explain: explainCommand,
  orders: listCommand('orders'),
  fills: listCommand('fills'),
  ledger: listCommand('ledger'),
  signals: listCommand('signals'),
  verify: verifyCommand,
  venue: venueCommand,
}

/** Runs one command. Returns the exit code: 0 done, 1 failed or found a difference, 2 wrong usage, 130 stopped by the person. */
export async function runCommandLine(words: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = words
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      for (const line of help(rest[0])) terminal.print(line)
      return name === undefined ? 2 : 0
    }
    if (name === '--version') {
      terminal.print(version)
      return 0
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (command === undefined) throw usageError(`there is no command "${name}"; ${hintOf(name)}`)
    if (rest.includes('--help') || rest.includes('-h')) {
      for (const line of help(name)) terminal.print(line)
      return 0
    }
    return await command(rest, terminal)
  } catch (error) {
    terminal.complain(`tradeswarm: ${oneLine(error)}`)
    return isUsageError(error) ? 2 : 1
  }
}

function hintOf(misspelt: string): string {
  const names = Object.keys(commands)
  const nearest = nearestName(misspelt, names)
  return nearest === undefined ? `there are: ${names.join(', ')}` : `did you mean ${nearest}?`
}

function oneLine(error: unknown): string {
  const code = SwarmError.isInstance(error) && !isUsageError(error) ? ` [${error.code}]` : ''
  return `${inCommandWords(error).replaceAll(/\s*\n\s*/g, ' ')}${code}`
}
