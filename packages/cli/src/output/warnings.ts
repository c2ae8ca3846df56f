import type { LogFields, Logger } from '@tradeswarm/core'
import { oneLineText } from './one-line-text.js'

/** A log that keeps warnings and errors, each kind once with its count. */
export type Warnings = {
  readonly logger: Logger
  /** A line for each kind, in the order of their first coming. */
  lines(): readonly string[]
}

/** More kinds than this are only counted. */
const maximumKinds = 20

/** Fields that tell one kind of warning from another; the rest differs from case to case. */
const telling = ['source', 'agent', 'service', 'symbol', 'model', 'code', 'topic'] as const

/** An empty count. */
export function createWarnings(): Warnings {
  const counts = new Map<string, number>()
  let more = 0
  const keep = (message: string, fields: LogFields): void => {
    const about = telling.flatMap((name) => (typeof fields[name] === 'string' ? [`${name} ${fields[name]}`] : []))
    const why = typeof fields.error === 'string' ? `: ${fields.error}` : ''
    const kind = oneLineText(`${message}${about.length > 0 ? ` (${about.join(', ')})` : ''}${why}`, 200)
    if (!counts.has(kind) && counts.size >= maximumKinds) more += 1
    else counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  const loggerWith = (bound: LogFields): Logger => ({
    debug: () => undefined,
    info: () => undefined,
    warn: (message, fields) => keep(message, { ...bound, ...fields }),
    error: (message, fields) => keep(message, { ...bound, ...fields }),
    child: (fields) => loggerWith({ ...bound, ...fields }),
  })
  return {
    logger: loggerWith({}),
    lines: () => [
      ...[...counts].map(([kind, count]) => `warning: ${kind}${count > 1 ? `, ${count} times` : ''}`),
      ...(more > 0 ? [`warning: ${more} more of other kinds`] : []),
    ],
  }
}
