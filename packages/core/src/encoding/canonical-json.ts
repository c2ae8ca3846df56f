import { SwarmError } from '../errors/swarm-error.js'

/**
 * JSON with the keys of every object sorted by UTF-16 code units and no white space (RFC 8785).
 * `undefined` fields are left out; a lone surrogate is written as its escape. Throws `NOT_CANONICAL` on NaN, infinities,
 * functions, bigints, objects of a class (a Date, a Map, an exact decimal) and whatever nests deeper than 64, such as a cycle.
 */
export function canonicalJson(value: unknown): string {
  const copy = ordered(value, 0)
  return copy === notOrderable ? write(value, 0) : JSON.stringify(copy)
}

/**
 * A value that `JSON.stringify` writes as canonical JSON, for a part of a larger one: the given one where its keys are in order already, and
 * {@link notOrderable} where no object could have them so. Throws as {@link canonicalJson}.
 */
export function inCanonicalOrder(value: unknown): unknown {
  return ordered(value, 0)
}

/** Stands for a value in which some object cannot have its keys in the order that is wanted. */
export const notOrderable = Symbol('not orderable')

/** How the keys of one shape of objects, as they come, are put in order. */
type KeyOrder = {
  readonly keys: readonly string[]
  readonly sorted: readonly string[]
  /** An object with all keys in order: a copy of it is made at once, where one that is filled key by key grows many times. */
  readonly template: Readonly<Record<string, unknown>>
  /** Another shape that begins with the same key. */
  readonly next: KeyOrder | undefined
}

/** What was worked out before, by the first key of the shape. It saves time alone: what is written does not depend on it. */
const knownOrders = new Map<string, KeyOrder>()
const maximumKnownKeys = 1_000
const maximumShapesOfAKey = 16

/** The value itself where all its keys are in order, else a copy in which they are: the platform's own writer is quicker than one of ours. */
function ordered(value: unknown, depth: number): unknown {
  if (typeof value === 'string' || value === null || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value !== 'object') throw noCanonicalForm(value)
  if (depth > 64) throw tooDeep()
  if (Array.isArray(value)) return orderedArray(value, depth)
  if (!isPlain(value)) throw notPlain(value)
  const source = value as Record<string, unknown>
  return isInOrder(source) ? withOrderedFields(source, depth) : reordered(source, depth)
}

function orderedArray(value: readonly unknown[], depth: number): unknown {
  let copy: unknown[] | undefined
  for (let index = 0; index < value.length; index += 1) {
    const item = value[index]
    if (item === undefined) continue
    const orderedItem = ordered(item, depth + 1)
    if (orderedItem === notOrderable) return notOrderable
    if (orderedItem === item) continue
    copy ??= [...value]
    copy[index] = orderedItem
  }
  return copy ?? value
}

/** Walks the keys without making a list of them. */
function isInOrder(source: Readonly<Record<string, unknown>>): boolean {
  let previous: string | undefined
  for (const key in source) {
    if (previous !== undefined && key < previous) return false
    previous = key
  }
  return true
}

function withOrderedFields(source: Readonly<Record<string, unknown>>, depth: number): unknown {
  let copy: Record<string, unknown> | undefined
  for (const key in source) {
    const field = source[key]
    if (field === undefined || typeof field === 'string') continue
    const orderedField = ordered(field, depth + 1)
    if (orderedField === field) continue
    if (orderedField === notOrderable) return notOrderable
    copy ??= { ...source }
    copy[key] = orderedField
  }
  return copy ?? source
}

function reordered(source: Readonly<Record<string, unknown>>, depth: number): unknown {
  const order = orderOf(Object.keys(source))
  if (order === undefined) return notOrderable
  const copy: Record<string, unknown> = { ...order.template }
  for (const key of order.sorted) {
    const field = source[key]
    // Left out, as JSON does; in a template it is undefined already.
    if (field === undefined) continue
    const orderedField = typeof field === 'string' ? field : ordered(field, depth + 1)
    if (orderedField === notOrderable) return notOrderable
    copy[key] = orderedField
  }
  return copy
}

/** The order of keys; undefined where an object cannot hold them so: numbers come first in any object, and `__proto__` is none. */
function orderOf(keys: readonly string[]): KeyOrder | undefined {
  const first = keys[0] ?? ''
  const known = knownOrders.get(first)
  let shapes = 0
  for (let order = known; order !== undefined; order = order.next) {
    if (isSame(order.keys, keys)) return order
    shapes += 1
  }
  for (const key of keys) if (key === '__proto__' || isIndex(key)) return undefined
  const sortedKeys = sorted([...keys])
  const order: KeyOrder = {
    keys,
    sorted: sortedKeys,
    template: Object.fromEntries(sortedKeys.map((key) => [key, undefined])),
    next: shapes < maximumShapesOfAKey ? known : undefined,
  }
  if (knownOrders.size >= maximumKnownKeys && known === undefined) knownOrders.clear()
  knownOrders.set(first, order)
  return order
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false
  return true
}

/** Keys that begin with a digit may be numbers, which objects put first. */
function isIndex(key: string): boolean {
  const code = key.charCodeAt(0)
  return code >= 48 && code <= 57
}

function write(value: unknown, depth: number): string {
  if (typeof value === 'string') return quoteJson(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value !== 'object') {
    throw noCanonicalForm(value)
  }
  if (depth > 64) throw tooDeep()
  if (Array.isArray(value)) {
    let text = '['
    for (let index = 0; index < value.length; index += 1) {
      if (index > 0) text += ','
      text += value[index] === undefined ? 'null' : write(value[index], depth + 1)
    }
    return `${text}]`
  }
  return writeObject(value as Record<string, unknown>, depth)
}

function writeObject(value: Record<string, unknown>, depth: number): string {
  if (!isPlain(value)) {
    throw notPlain(value)
  }
  const keys = sorted(Object.keys(value))
  let text = '{'
  for (const key of keys) {
    const field = value[key]
    if (field === undefined) continue
    if (text.length > 1) text += ','
    text += `${quoteJson(key)}:${write(field, depth + 1)}`
  }
  return `${text}}`
}

/** True for an object literal, of this realm or another. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A text as canonical JSON. Most texts need no escape, and looking is quicker than escaping. */
export function quoteJson(text: string): string {
  return withoutEscapes.test(text) ? `"${text}"` : JSON.stringify(text)
}

// Neither control characters, nor the quotation mark, nor the backslash, nor surrogates, which are escaped when alone.
const withoutEscapes = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/

function sorted(keys: string[]): readonly string[] {
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return keys.sort()
  }
  return keys
}

function noCanonicalForm(value: unknown): SwarmError {
  return new SwarmError({
    code: 'NOT_CANONICAL',
    message: `${typeof value === 'number' ? value : `a value of type ${typeof value}`} has no canonical JSON form`,
  })
}

function notPlain(value: object): SwarmError {
  return new SwarmError({
    code: 'NOT_CANONICAL',
    message: `an object of class ${value.constructor?.name ?? 'unknown'} has no canonical JSON form: write it as a text or a plain object`,
  })
}

function tooDeep(): SwarmError {
  return new SwarmError({ code: 'NOT_CANONICAL', message: 'a value nests deeper than 64 levels' })
}
