import type { Terminal } from './terminal.js'

/** Takes the words after its name; returns the exit code. */
export type Command = (words: readonly string[], terminal: Terminal) => Promise<number>
