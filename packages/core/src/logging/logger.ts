/** Data beside the message of a log line. */
export type LogFields = Readonly<Record<string, unknown>>
/** From the most talkative to the gravest. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Structured logging. Fields are data, the message a constant sentence. Never pass a secret. */
export type Logger = {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds these fields to every line. Cheap: nothing is merged before a line is written. */
  child(fields: LogFields): Logger
  /** False where a line of this level would be dropped, so that nothing is prepared for it. Where absent, none is. */
  isEnabled?(level: LogLevel): boolean
}
