import { SwarmError } from '../errors/swarm-error.js'

/**
 * JSON with the keys of every object sorted by UTF-16 code units and no white space (RFC 8785).
 * `undefined` fields are left out; a lone surrogate is written as its escape. Throws `NOT_CANONICAL` on NaN, infinities,
 * functions, bigints, objects of a class (a Date, a Map, an exact decimal) and whatever nests deeper than 64, such as a cycle.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0)
}

function write(value: unknown, depth: number): string {
  if (typeof value === 'string') return quoteJson(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value !== 'object') {
    throw new SwarmError({
      code: 'NOT_CANONICAL',
      message: `${typeof value === 'number' ? value : `a value of type ${typeof value}`} has no canonical JSON form`,
    })
  }
  if (depth > 64) throw new SwarmError({ code: 'NOT_CANONICAL', message: 'a value nests deeper than 64 levels' })
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
    throw new SwarmError({
      code: 'NOT_CANONICAL',
      message: `an object of class ${value.constructor?.name ?? 'unknown'} has no canonical JSON form: write it as a text or a plain object`,
    })
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
function isPlain(value: object): boolean {
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
