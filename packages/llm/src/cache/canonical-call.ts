import { sha256Hex } from '@tradeswarm/core'

/** Thrown for a call that has no one text, such as one with a function or NaN among its options: it is made, and never cached. */
export class NoCanonicalCall extends Error {}

/**
 * One text for all calls that mean the same, and another for every other: keys sorted, arrays never, `undefined` fields left out. What
 * JSON cannot tell from a text (bytes, URLs, dates, bigints) is written with a letter before it, which no JSON value begins with.
 * Throws {@link NoCanonicalCall}.
 */
export function canonicalCall(value: unknown): string {
  return write(value, 0)
}

function write(value: unknown, depth: number): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number') return writeNumber(value)
  if (typeof value === 'bigint') return `I"${value}"`
  if (typeof value !== 'object') throw new NoCanonicalCall(`a ${typeof value} has no canonical form`)
  if (depth > 64) throw new NoCanonicalCall('it nests deeper than 64')
  if (Array.isArray(value))
    return `[${value.map((item) => (item === undefined ? 'U' : write(item, depth + 1))).join(',')}]`
  if (value instanceof Uint8Array) return bytesText(value)
  if (value instanceof ArrayBuffer) return bytesText(new Uint8Array(value))
  if (value instanceof URL) return `L${JSON.stringify(value.href)}`
  if (value instanceof Date) return `D${writeNumber(value.getTime())}`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    throw new NoCanonicalCall('an object of a class has no form')
  return writeObject(value as Record<string, unknown>, depth)
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new NoCanonicalCall(`${value} has no canonical form`)
  return JSON.stringify(value)
}

function writeObject(value: Record<string, unknown>, depth: number): string {
  const fields: string[] = []
  const isFileData = value['type'] === 'data' && typeof value['data'] === 'string'
  for (const key of Object.keys(value).sort()) {
    const field = value[key]
    if (field === undefined) continue
    const text = isFileData && key === 'data' ? base64Text(field as string) : write(field, depth + 1)
    fields.push(`${JSON.stringify(key)}:${text}`)
  }
  return `{${fields.join(',')}}`
}

/** A file's bytes by their hash, the same whether they came as bytes or in base64. */
function bytesText(bytes: Uint8Array): string {
  return `B"${sha256Hex(hexOf(bytes))}"`
}

/** Only base64 as we would write it counts as bytes: two texts that differ are never one call. */
function base64Text(data: string): string {
  const binary = binaryOf(data)
  if (binary === undefined || btoa(binary) !== data) return write(data, 0)
  return bytesText(Uint8Array.from(binary, (character) => character.charCodeAt(0)))
}

function binaryOf(base64: string): string | undefined {
  try {
    return atob(base64)
  } catch {
    return undefined
  }
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hexOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexOfByte[byte]
  return text
}
