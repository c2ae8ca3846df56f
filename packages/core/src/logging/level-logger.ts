import { BoundFields } from './bound-fields.js'
import type { LogFields, Logger, LogLevel } from './logger.js'

/** Where the lines of a logger and of all its children go. */
export type LogSink = {
  isEnabled(level: LogLevel): boolean
  /** Called for enabled levels only; `bound` are the fields of the children. */
  write(level: LogLevel, message: string, bound: LogFields, fields: LogFields | undefined): void
}

const none: LogFields = {}

/** A logger of one function. Making a child is making one object. */
export class LevelLogger implements Logger {
  readonly #sink: LogSink
  readonly #bound: BoundFields | undefined

  constructor(sink: LogSink, bound?: BoundFields) {
    this.#sink = sink
    this.#bound = bound
  }

  debug(message: string, fields?: LogFields): void {
    this.#log('debug', message, fields)
  }

  info(message: string, fields?: LogFields): void {
    this.#log('info', message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    this.#log('warn', message, fields)
  }

  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields)
  }

  child(fields: LogFields): Logger {
    return new LevelLogger(this.#sink, new BoundFields(this.#bound, fields))
  }

  isEnabled(level: LogLevel): boolean {
    return this.#sink.isEnabled(level)
  }

  #log(level: LogLevel, message: string, fields: LogFields | undefined): void {
    if (this.#sink.isEnabled(level)) this.#sink.write(level, message, this.#bound?.merged() ?? none, fields)
  }
}
