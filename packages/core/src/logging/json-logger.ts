import { SwarmError } from '../errors/swarm-error.js'
import type { Clock } from '../time/clock.js'
import { BoundFields } from './bound-fields.js'
import { jsonLine } from './json-line.js'
import { LevelLogger } from './level-logger.js'
import type { LogFields, Logger, LogLevel } from './logger.js'

/** What a JSON logger writes, where to and from which level on. */
export type JsonLoggerOptions = {
  readonly clock: Clock
  /** Receives one JSON line, without a line end, and its level. */
  readonly write: (line: string, level: LogLevel) => void
  /** Lines below this level are dropped. Default `info`. */
  readonly level?: LogLevel
  /** In characters, from 1,024 on. A longer line loses the fields that do not fit, and says how many in `fieldsTruncated`. Default 16,384. */
  readonly maximumLineLength?: number
}

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** Docker cuts lines at 16 KiB. */
const defaultMaximumLineLength = 16_384
const shortestMaximumLineLength = 1_024
const latestTimeMs = 8.64e15

/**
 * A logger that writes one JSON object a line: time (ISO 8601), level, message and the fields, which cannot replace these three.
 * Never throws: an error is written as its name, code and message, and fields without a JSON form are named instead. Throws `INVALID_OPTION`.
 */
export function createJsonLogger(options: JsonLoggerOptions, bound: LogFields = {}): Logger {
  const { clock, write } = options
  const lowest = rank[options.level ?? 'info']
  const maximumLength = options.maximumLineLength ?? defaultMaximumLineLength
  if (!(maximumLength >= shortestMaximumLineLength)) {
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `maximumLineLength: ${maximumLength} is not a number from ${shortestMaximumLineLength} on`,
      context: { option: 'maximumLineLength', value: maximumLength },
    })
  }
  const sink = {
    isEnabled: (level: LogLevel) => rank[level] >= lowest,
    write(level: LogLevel, message: string, fixed: LogFields, fields: LogFields | undefined) {
      const head = { time: isoTime(clock.now()), level, message: String(message) }
      write(
        jsonLine(head, () => (fields === undefined ? fixed : { ...fixed, ...fields }), maximumLength),
        level,
      )
    },
  }
  return new LevelLogger(sink, new BoundFields(undefined, bound))
}

function isoTime(time: number): string {
  return new Date(Math.abs(time) <= latestTimeMs ? time : 0).toISOString()
}
