import { BoundFields } from './bound-fields.js'
import type { LogFields, Logger, LogLevel } from './logger.js'
import { createRedactor, type Redactor } from './redactor.js'

/** The same logger, but messages and fields reach it without secrets and control characters. Fields of a child are looked at once, with its first line. */
export function withRedaction(logger: Logger, redactor: Redactor = createRedactor()): Logger {
  return new RedactingLogger(logger, redactor, undefined)
}

class RedactingLogger implements Logger {
  readonly #inner: Logger
  readonly #redactor: Redactor
  readonly #bound: BoundFields | undefined
  #child: Logger | undefined

  constructor(inner: Logger, redactor: Redactor, bound: BoundFields | undefined) {
    this.#inner = inner
    this.#redactor = redactor
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
    return new RedactingLogger(this.#inner, this.#redactor, new BoundFields(this.#bound, fields))
  }

  isEnabled(level: LogLevel): boolean {
    return this.#inner.isEnabled?.(level) ?? true
  }

  #log(level: LogLevel, message: string, fields: LogFields | undefined): void {
    if (!this.isEnabled(level)) return
    const { redactText, redactFields } = this.#redactor
    const text = redactText(typeof message === 'string' ? message : '[no text]')
    if (fields === undefined) this.#target()[level](text)
    else this.#target()[level](text, redactFields(fields))
  }

  #target(): Logger {
    if (this.#bound === undefined) return this.#inner
    this.#child ??= this.#inner.child(this.#redactor.redactFields(this.#bound.merged()))
    return this.#child
  }
}
