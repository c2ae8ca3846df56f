import { SwarmError } from '../errors/swarm-error.js'

/** As deep as canonical JSON goes. */
const maximumDepth = 64

/**
 * A frozen copy of a value, equal to what comes back from its JSON: fields that are undefined are left out, -0 becomes 0.
 * Throws `STATE_NOT_JSON`, naming the place, for what JSON would change or lose: NaN, infinities, bigints, functions, holes,
 * objects of a class, and what nests deeper than 64, such as a cycle.
 */
export function plainJson(value: unknown, what: string): unknown {
  return copy(value, what, 0)
}

function copy(value: unknown, place: string, depth: number): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value === 0 ? 0 : value
    throw notJson(place, `it is ${value}`)
  }
  if (typeof value !== 'object') throw notJson(place, `it is of type ${typeof value}`)
  if (depth > maximumDepth) throw notJson(place, `it nests deeper than ${maximumDepth} levels`)
  if (Array.isArray(value)) {
    return Object.freeze(Array.from(value, (element, index) => copy(element, `${place}[${index}]`, depth + 1)))
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  // An object literal of this realm or of another; JSON would write any other by rules of its class.
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null)
    throw notJson(place, `it is an object of class ${value.constructor?.name ?? 'unknown'}`)
  const fields: [string, unknown][] = []
  for (const [field, inner] of Object.entries(value)) {
    if (inner !== undefined) fields.push([field, copy(inner, `${place}.${field}`, depth + 1)])
  }
  return Object.freeze(Object.fromEntries(fields))
}

/** Freezes plain JSON in place, with all that is in it. */
export function freezeJson(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  // Walks the keys without making a list of the values, most of which are texts and numbers.
  for (const key in value) {
    const inner = (value as Readonly<Record<string, unknown>>)[key]
    if (typeof inner === 'object') freezeJson(inner)
  }
}

/** True for an object of JSON, false for its arrays and other values. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** True when two plain values have the same JSON but for the order of fields. Fields that are undefined do not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || a === b) return true
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((element, index) => sameJson(element, b[index]))
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false
  const held = (object: Readonly<Record<string, unknown>>): string[] =>
    Object.keys(object).filter((field) => object[field] !== undefined)
  const fields = held(a)
  return (
    fields.length === held(b).length && fields.every((field) => Object.hasOwn(b, field) && sameJson(a[field], b[field]))
  )
}

function notJson(place: string, why: string): SwarmError {
  return new SwarmError({
    code: 'STATE_NOT_JSON',
    message: `${place} cannot be saved: ${why}; keep plain data in an agent's state`,
    context: { place },
  })
}
