import { type JournalEntry, modelCallKind } from '@tradeswarm/core'

/** The first place at which a replay left its record. */
export type Difference = {
  readonly sequence: number
  readonly kind: string
  /** The topic, when the entry is a message. */
  readonly topic?: string
  /** The path of the first field that differs; absent when one of the two has no such entry. */
  readonly field?: string
  readonly recorded?: unknown
  readonly replayed?: unknown
  /** All of it in one line. */
  readonly message: string
}

/** Describes how two entries of one number differ; either may be missing. */
export function differenceBetween(recorded: JournalEntry | undefined, replayed: JournalEntry | undefined): Difference {
  const entry = recorded ?? replayed
  const sequence = entry?.sequence ?? 0
  const kind = entry?.kind ?? 'nothing'
  const topic = topicOf(entry)
  const place = `entry ${sequence} (${topic ?? kind})`
  const base = { sequence, kind, ...(topic === undefined ? {} : { topic }) }
  const told = toldBy(replayed)
  if (told !== undefined)
    return { ...base, kind: modelCallKind, message: `entry ${sequence} (${modelCallKind}): ${told}` }
  if (recorded === undefined) return { ...base, message: `${place}: the replay went on where the record ends` }
  if (replayed === undefined) return { ...base, message: `${place}: the replay ended before the record` }
  // The same content under another hash: something before it, or what it was, is not what was written.
  const found = firstDifference(asData(recorded), asData(replayed), '') ?? {
    field: 'hash',
    a: recorded.hash,
    b: replayed.hash,
  }
  const show = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 200)
  return {
    ...base,
    field: found.field,
    recorded: found.a,
    replayed: found.b,
    message: `${place}: ${found.field} was ${show(found.a)} and is now ${show(found.b)}`,
  }
}

/** What a service says of a call that was another then: the texts lie outside the journal. */
function toldBy(entry: JournalEntry | undefined): string | undefined {
  return entry?.kind === modelCallKind ? (JSON.parse(entry.text) as { difference?: string }).difference : undefined
}

function asData(entry: JournalEntry): unknown {
  return { id: entry.id, kind: entry.kind, time: entry.time, ...(JSON.parse(entry.text) as object) }
}

function topicOf(entry: JournalEntry | undefined): string | undefined {
  return entry?.kind === 'message' ? (JSON.parse(entry.text) as { topic?: string }).topic : undefined
}

/** The first field, by path, in which two pieces of JSON data differ; undefined when none does. */
export function firstDifference(
  a: unknown,
  b: unknown,
  path: string,
): { field: string; a: unknown; b: unknown } | undefined {
  if (Object.is(a, b)) return undefined
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return { field: path, a, b }
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()) {
    const found = firstDifference(left[key], right[key], path === '' ? key : `${path}.${key}`)
    if (found) return found
  }
  return undefined
}
