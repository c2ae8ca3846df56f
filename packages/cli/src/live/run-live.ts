import type { Terminal } from '../terminal.js'
import { liveOptions } from './live-options.js'
import { runFake } from './run-fake.js'
import { runReal } from './run-real.js'

/** `run --broker NAME`, at the venue or at its double. */
export function runLive(words: readonly string[], terminal: Terminal): Promise<number> {
  const options = liveOptions(words, terminal)
  return options.fake ? runFake(options, terminal) : runReal(options, terminal)
}
