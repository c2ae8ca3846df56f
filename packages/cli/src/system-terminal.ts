import { createSystemClock } from '@tradeswarm/core'
import type { Terminal } from './terminal.js'

/** The process's own terminal. A second interrupt ends the process at once. */
export function createSystemTerminal(): Terminal {
  // A reader that goes away, such as `head`, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    process.stderr.write(`tradeswarm: standard output cannot be written: ${error.message}\n`)
    process.exit(1)
  })
  return {
    clock: createSystemClock(),
    isInteractive: process.stderr.isTTY === true,
    workingDirectory: process.cwd(),
    environment: process.env,
    print: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
    draw: (text) => void process.stderr.write(text),
    onInterrupt(callback) {
      let asked = false
      const handle = (): void => {
        if (asked) process.exit(130)
        asked = true
        callback()
      }
      process.on('SIGINT', handle)
      process.on('SIGTERM', handle)
      return () => {
        process.off('SIGINT', handle)
        process.off('SIGTERM', handle)
      }
    },
  }
}
