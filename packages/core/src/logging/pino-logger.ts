import { LevelLogger } from './level-logger.js'
import type { LogFields, Logger, LogLevel } from './logger.js'

/** As much of pino as is used. */
export type PinoLike = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  isLevelEnabled(level: string): boolean
}

/** What pino writes by itself. It writes a field of the same name beside it, and readers take the last. */
const pinoKeys: readonly string[] = ['level', 'time', 'msg', 'pid', 'hostname']

/** A logger on one of pino's. A field cannot replace what pino writes itself: `level` becomes `level_`. Fields of a child replace those of its parent. */
export function createPinoLogger(pino: PinoLike): Logger {
  return new LevelLogger({
    isEnabled: (level) => pino.isLevelEnabled(level),
    write(level: LogLevel, message: string, bound: LogFields, fields: LogFields | undefined) {
      // Merged here and not by a child of pino's, which would write a field twice.
      pino[level](renamed(fields === undefined ? bound : { ...bound, ...fields }), message)
    },
  })
}

function renamed(fields: LogFields): LogFields {
  if (!pinoKeys.some((key) => key in fields)) return fields
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [pinoKeys.includes(key) ? `${key}_` : key, value]),
  )
}
