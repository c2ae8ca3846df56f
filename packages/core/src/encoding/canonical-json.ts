import { SwarmError } from '../errors/swarm-error.js'

/**
 * JSON with the keys of every object sorted by UTF-16 code units and no white space (RFC 8785).
 * `undefined` fields are left out. Throws `NOT_CANONICAL` on NaN, infinities, functions, bigints and cycles deeper than 64.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0)
}

function write(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (typeof value !== 'object' || depth > 64) {
    throw new SwarmError({
      code: 'NOT_CANONICAL',
      message: depth > 64 ? 'a value nests deeper than 64 levels' : `${String(value)} (${typeof value}) has no canonical JSON form`,
    })
  }
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
  const keys = Object.keys(value).sort()
  let text = '{'
  for (const key of keys) {
    const field = value[key]
    if (field === undefined) continue
    if (text.length > 1) text += ','
    text += `${JSON.stringify(key)}:${write(field, depth + 1)}`
  }
  return `${text}}`
}
