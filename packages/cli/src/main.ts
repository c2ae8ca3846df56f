#!/usr/bin/env node
import { tooOldNode } from './node-version.js'

const complaint = tooOldNode(process.versions.node)
if (complaint === undefined) {
  // Loaded only now: an older Node could not even read what these import.
  const [{ runCommandLine }, { createSystemTerminal }] = await Promise.all([
    import('./run-command-line.js'),
    import('./system-terminal.js'),
  ])
  process.exitCode = await runCommandLine(process.argv.slice(2), createSystemTerminal())
} else {
  process.stderr.write(`${complaint}\n`)
  process.exitCode = 1
}
