import { SwarmError } from '../errors/swarm-error.js'
import type { JournalReadOptions, JournalSegmentOptions } from './journal.js'
import type { KeyValueListOptions } from './key-value-store.js'
import type { QueryOptions } from './query-store.js'
import { wellFormed } from './well-formed.js'

const defaultLimit = 1_000
const mostKinds = 100
const mostConditions = 32

/** A journal read with its defaults filled in; `to` never lies beyond the head at the time of the call. */
export type ResolvedJournalRead = {
  readonly from: number
  readonly to: number
  readonly kinds?: readonly string[]
  readonly unverified: boolean
}

/** Defaults for storages to apply. Throws `INVALID_OPTION` on a bound that is no number or more than 100 kinds. */
export function resolveJournalRead(options: JournalReadOptions | undefined, headSequence: number): ResolvedJournalRead {
  const from = Math.max(1, lowest('from', options?.from ?? 1))
  const to = Math.min(headSequence, highest('to', options?.to ?? headSequence))
  const unverified = options?.unverified === true
  if (options?.kinds === undefined) return { from, to, unverified }
  const kinds = [...new Set(options.kinds.map(wellFormed))]
  if (kinds.length > mostKinds) throw invalid('kinds', `${kinds.length} kinds`, `at most ${mostKinds} of them`)
  return { from, to, kinds, unverified }
}

/** Throws `INVALID_OPTION` unless the limit is a whole number from 0. */
function resolveLimit(limit: number | undefined): number {
  if (limit === undefined) return defaultLimit
  if (!Number.isSafeInteger(limit) || limit < 0) throw invalid('limit', limit, 'a whole number from 0')
  return limit
}

/** A listing of segments with its defaults filled in. */
export type ResolvedSegments = { readonly from: number; readonly limit: number }

/** Defaults for storages to apply. Throws `INVALID_OPTION` on a bound that is no number or a bad limit. */
export function resolveSegments(options: JournalSegmentOptions = {}): ResolvedSegments {
  return { from: lowest('from', options.from ?? 1), limit: resolveLimit(options.limit) }
}

/** A listing with its defaults filled in. */
export type ResolvedList = { readonly prefix: string; readonly after: string | undefined; readonly limit: number }

/** Defaults for storages to apply. Throws `INVALID_OPTION` on a bad limit. */
export function resolveList(options: KeyValueListOptions): ResolvedList {
  return { prefix: options.prefix, after: options.after, limit: resolveLimit(options.limit) }
}

/** A query with its defaults filled in; the bounds are safe integers, and the conditions are sorted by tag. */
export type ResolvedQuery = {
  readonly where: readonly (readonly [tag: string, value: string])[]
  readonly fromTime: number
  readonly toTime: number
  readonly descending: boolean
  readonly after: { readonly time: number; readonly id: string } | undefined
  readonly limit: number
}

/** Defaults for storages to apply. Throws `INVALID_OPTION` on a bound that is no number, a bad limit or over 32 tags. */
export function resolveQuery(options: QueryOptions = {}): ResolvedQuery {
  if (options.after !== undefined && !Number.isSafeInteger(options.after.time)) {
    throw invalid('after.time', options.after.time, 'whole milliseconds')
  }
  return {
    where: resolveWhere(options.where),
    fromTime: lowest('fromTime', options.fromTime ?? Number.NEGATIVE_INFINITY),
    toTime: highest('toTime', options.toTime ?? Number.POSITIVE_INFINITY),
    descending: options.order === 'descending',
    after: options.after,
    limit: resolveLimit(options.limit),
  }
}

/** The tag conditions of a query or count, sorted by tag, for storages to apply. */
export function resolveWhere(where: QueryOptions['where']): readonly (readonly [tag: string, value: string])[] {
  const conditions = Object.entries(where ?? {}).sort(([left], [right]) => (left < right ? -1 : 1))
  if (conditions.length > mostConditions)
    throw invalid('where', `${conditions.length} tags`, `at most ${mostConditions} of them`)
  return conditions
}

/** A lower bound as a whole number within the safe integers, one inside their ends, so that one more or less is exact. */
function lowest(name: string, bound: number): number {
  if (Number.isNaN(bound)) throw invalid(name, bound, 'a number')
  return clamp(Math.ceil(bound))
}

function highest(name: string, bound: number): number {
  if (Number.isNaN(bound)) throw invalid(name, bound, 'a number')
  return clamp(Math.floor(bound))
}

function clamp(bound: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER - 1, Math.max(Number.MIN_SAFE_INTEGER + 1, bound))
}

function invalid(option: string, value: number | string, allowed: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `option ${option} of a storage read is ${value}; it must be ${allowed}`,
    context: { option, value },
  })
}
