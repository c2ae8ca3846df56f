import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { Clock } from '../time/clock.js'
import type { LogFields, Logger, LogLevel } from './logger.js'

/** What a JSON logger writes, where to and from which level on. */
export type JsonLoggerOptions = {
  readonly clock: Clock
  /** Receives one JSON line, without a line end. */
  readonly write: (line: string) => void
  /** Lines below this level are dropped. Default `info`. */
  readonly level?: LogLevel
}

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/**
 * A logger that writes one JSON object a line: time (ISO 8601), level, message and the fields, which cannot replace these three.
 * Never throws: an error is written as its name, code and message, and fields without a JSON form are named instead.
 */
export function createJsonLogger(options: JsonLoggerOptions, bound: LogFields = {}): Logger {
  const lowest = rank[options.level ?? 'info']
  const log = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (rank[level] < lowest) return
    const time = new Date(options.clock.now()).toISOString()
    const first = { time, level, message }
    options.write(lineOf({ ...first, ...bound, ...fields, ...first }))
  }
  return {
    debug: (message, fields) => log('debug', message, fields),
    info: (message, fields) => log('info', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
    child: (fields) => createJsonLogger(options, { ...bound, ...fields }),
  }
}

function lineOf(line: LogFields): string {
  try {
    return JSON.stringify(line, (_key, value: unknown) => loggable(value))
  } catch (error) {
    const { time, level, message } = line
    return JSON.stringify({ time, level, message, fieldsDropped: messageOf(error) })
  }
}

function loggable(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (!(value instanceof Error)) return value
  return { name: value.name, ...(SwarmError.isInstance(value) ? { code: value.code } : {}), message: value.message }
}
