import { canonicalJson } from '../encoding/canonical-json.js'
import type { CollidingValues, MergeStrategy } from './define-document.js'
import { type MergeConflict, mergeConflict } from './merge-conflict.js'
import { isJsonObject } from './plain-json.js'

/** What a strategy makes of values. All of them are plain JSON. */
export type Strategy = {
  /** What is wrong with a value, or undefined. */
  fault(value: unknown): string | undefined
  /** The form in which a value is kept. */
  normal(value: unknown): unknown
  /** What a write makes of what its writer saw (undefined: nothing) before any collision. */
  join(seen: unknown, value: unknown): unknown
  merge(values: CollidingValues): unknown | MergeConflict
}

const itself = (value: unknown): unknown => value
const replaced = (_seen: unknown, value: unknown): unknown => value

/** The strategies that look at values; the last writer is found by stamps alone. */
export const strategies: Readonly<Record<Exclude<MergeStrategy, 'last-writer'>, Strategy>> = {
  counter: { fault: faultOfCounter, normal: itself, join: replaced, merge: unlessDeleted(mergeCounters) },
  set: { fault: faultOfSet, normal: sortedSet, join: replaced, merge: unlessDeleted(mergeSets) },
  maximum: {
    fault: faultOfMaximum,
    normal: itself,
    join: (seen, value) => larger(seen, value) ?? value,
    merge: unlessDeleted(mergeMaxima),
  },
}

/** A delete says nothing of how much to subtract, so who deletes what another changes is for somebody to look at. */
function unlessDeleted(merge: (values: CollidingValues) => unknown): (values: CollidingValues) => unknown {
  return (values) => {
    const { theirs, mine } = values
    if (theirs === undefined && mine === undefined) return undefined
    if (theirs === undefined) return mergeConflict('the document was deleted by another handler')
    if (mine === undefined) return mergeConflict('the document that is to be deleted was written by another handler')
    return merge(values)
  }
}

function faultOfCounter(value: unknown): string | undefined {
  if (typeof value === 'number') return undefined
  if (!isJsonObject(value)) return `a counter is a number or a flat object of numbers${adviceFor(value)}`
  for (const [field, count] of Object.entries(value)) {
    if (typeof count !== 'number') return `field "${field}" of a counter is not a number${adviceFor(count)}`
  }
  return undefined
}

/** Amounts are texts, and adding them up as floats would lose what they are texts for. */
function adviceFor(value: unknown): string {
  return typeof value === 'string'
    ? '; for exact decimals give defineDocument a merge function that adds them with your decimal library'
    : ''
}

function faultOfSet(value: unknown): string | undefined {
  return Array.isArray(value) ? undefined : 'a set is an array'
}

function faultOfMaximum(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'string' ? undefined : 'a maximum is a number or a text'
}

function mergeCounters({ base, theirs, mine }: CollidingValues): unknown {
  // From before the document was declared a counter.
  if (base !== undefined && faultOfCounter(base) !== undefined)
    return mergeConflict('what both began with is no counter')
  const { number, object } = kinds(base, theirs, mine)
  if (number) return sum(theirs as number, mine as number, (base as number | undefined) ?? 0)
  if (!object) return mergeConflict('one counter is a number, another an object')
  const merged: [string, number][] = []
  for (const field of [...new Set([...fieldsOf(theirs), ...fieldsOf(mine)])].sort()) {
    const count = (from: unknown): number | undefined =>
      isJsonObject(from) && Object.hasOwn(from, field) ? (from[field] as number) : undefined
    const [before, their, own] = [count(base), count(theirs), count(mine)]
    // A field that one removed and the other left alone stays removed.
    if (own === undefined && their === before) continue
    if (their === undefined && own === before) continue
    const total = sum(their ?? 0, own ?? 0, before ?? 0)
    if (typeof total !== 'number') return total
    merged.push([field, total])
  }
  return Object.fromEntries(merged)
}

function kinds(...values: readonly unknown[]): { readonly number: boolean; readonly object: boolean } {
  const there = values.filter((value) => value !== undefined)
  return { number: there.every((value) => typeof value === 'number'), object: there.every(isJsonObject) }
}

function fieldsOf(value: unknown): readonly string[] {
  return isJsonObject(value) ? Object.keys(value) : []
}

/** theirs + (mine − base), refused where whole numbers would stop being exact. */
function sum(theirs: number, mine: number, base: number): number | MergeConflict {
  const added = mine - base
  const total = theirs + added
  if (!Number.isFinite(total)) return mergeConflict('the sum is too large for a number')
  const whole = Number.isInteger(theirs) && Number.isInteger(mine) && Number.isInteger(base)
  if (whole && !(Number.isSafeInteger(added) && Number.isSafeInteger(total)))
    return mergeConflict('the sum is too large to be exact')
  return total
}

function sortedSet(value: unknown): unknown {
  return [...byText(value)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, element]) => element)
}

function mergeSets({ base, theirs, mine }: CollidingValues): unknown {
  const [before, own, merged] = [byText(base), byText(mine), byText(theirs)]
  for (const [text, element] of own) if (!before.has(text)) merged.set(text, element)
  for (const text of before.keys()) if (!own.has(text)) merged.delete(text)
  return [...merged.values()]
}

function byText(value: unknown): Map<string, unknown> {
  return new Map(Array.isArray(value) ? value.map((element) => [canonicalJson(element), element]) : [])
}

function mergeMaxima({ theirs, mine }: CollidingValues): unknown {
  return larger(theirs, mine) ?? mergeConflict('a number and a text have no maximum')
}

/** Undefined unless both are numbers or both texts. */
function larger(a: unknown, b: unknown): number | string | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a > b ? a : b
  if (typeof a === 'string' && typeof b === 'string') return a > b ? a : b
  return undefined
}
