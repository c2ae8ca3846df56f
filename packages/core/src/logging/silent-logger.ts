import type { Logger } from './logger.js'

/** A logger that writes nothing. */
export function createSilentLogger(): Logger {
  const nothing = (): void => undefined
  const logger: Logger = {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
    child: () => logger,
    isEnabled: () => false,
  }
  return logger
}
