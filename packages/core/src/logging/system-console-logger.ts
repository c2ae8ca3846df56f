import type { Clock } from '../time/clock.js'
import { createSystemClock } from '../time/system-clock.js'
import { createJsonLogger } from './json-logger.js'
import type { Logger, LogLevel } from './logger.js'

/** How lines are stamped, and from which level on they are written. */
export type ConsoleJsonLoggerOptions = {
  /** Stamps the lines; default the machine's. */
  readonly clock?: Clock
  /** Lines below this level are dropped. Default `info`. */
  readonly level?: LogLevel
  /** In characters, from 1,024 on. Default 16,384. */
  readonly maximumLineLength?: number
}

/** {@link createJsonLogger} on the platform's console, by the method of each level: what Cloudflare Workers index. */
export function createConsoleJsonLogger(options: ConsoleJsonLoggerOptions = {}): Logger {
  return createJsonLogger({
    clock: createSystemClock(),
    ...options,
    // biome-ignore lint/suspicious/noConsole: this file is where the console is a log.
    write: (line, level) => console[level](line),
  })
}
