export type { Command } from './command.js'
export { runCommandLine } from './run-command-line.js'
export type { Terminal } from './terminal.js'
