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

/** So many days are named of one kind; the rest are counted. */
const mostDays = 10

/** An empty count. */
export function createWarnings(): Warnings {
  const counts = new Map<string, number>()
  const days = new Map<string, Set<string>>()
  let more = 0
  const keep = (message: string, fields: LogFields): void => {
    const about = telling.flatMap((name) => (typeof fields[name] === 'string' ? [`${name} ${fields[name]}`] : []))
    const why = typeof fields.error === 'string' ? `: ${fields.error}` : ''
    const kind = oneLineText(`${message}${about.length > 0 ? ` (${about.join(', ')})` : ''}${why}`, 200)
    if (!counts.has(kind) && counts.size >= maximumKinds) {
      more += 1
      return
    }
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    if (typeof fields['sessionDate'] === 'string')
      days.set(kind, (days.get(kind) ?? new Set()).add(fields['sessionDate']))
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
      ...[...counts].map(
        ([kind, count]) => `warning: ${kind}${count > 1 ? `, ${count} times` : ''}${daysText(days.get(kind))}`,
      ),
      ...(more > 0 ? [`warning: ${more} more of other kinds`] : []),
    ],
  }
}

function daysText(days: ReadonlySet<string> | undefined): string {
  if (days === undefined) return ''
  const named = [...days].sort()
  const more = named.length - mostDays
  return `: ${named.slice(0, mostDays).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
