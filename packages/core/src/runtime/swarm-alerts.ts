import { messageOf } from '../errors/swarm-error.js'
import type { Logger } from '../logging/logger.js'
import type { Clock } from '../time/clock.js'
import type { SwarmAlert } from './swarm-options.js'

/** Tells a person at once, and the log: as an error, unless it says otherwise. Never throws. */
export type RaiseAlert = (what: Omit<SwarmAlert, 'time'>, level?: 'error' | 'warn') => void

export type AlertsParts = {
  readonly logger: Logger
  readonly clock: Clock
  readonly onAlert: ((alert: SwarmAlert) => unknown) | undefined
}

/** Alerts go to the log first, then to whoever listens; what that throws or rejects with is logged. */
export function createAlerts({ logger, clock, onAlert }: AlertsParts): RaiseAlert {
  const failed = (error: unknown): void => logger.error('whoever listens to alerts failed', { error: messageOf(error) })
  return (what, level = 'error') => {
    logger[level](what.message, { alert: what.code, ...what.context })
    try {
      const told = onAlert?.({ ...what, time: clock.now() })
      if (told instanceof Promise) told.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}
