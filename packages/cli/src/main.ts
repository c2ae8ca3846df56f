#!/usr/bin/env node
import { tooOldNode } from './node-version.js'

/** Node's exit code where a module waits for what never settles. */
const unsettledAwait = 13

const complaint = tooOldNode(process.versions.node)
if (complaint === undefined) {
  // Loaded only now: an older Node could not even read what these import.
  const [{ runCommandLine }, { createSystemTerminal }] = await Promise.all([
    import('./run-command-line.js'),
    import('./system-terminal.js'),
  ])
  // Node's own word for what never settles is an exit code that nobody knows.
  const complain = (): void => {
    if (process.exitCode !== unsettledAwait) return
    process.stderr.write(
      'tradeswarm: what the command waits for never comes: nothing is under way any more [STALLED]\n',
    )
    process.exitCode = 1
  }
  process.once('exit', complain)
  const exitCode = await runCommandLine(process.argv.slice(2), createSystemTerminal())
  process.off('exit', complain)
  process.exitCode = exitCode
} else {
  process.stderr.write(`${complaint}\n`)
  process.exitCode = 1
}
