import type { z } from 'zod'

/**
 * True when whatever the schema accepts it makes a plain object of texts, finite numbers, truth values and nulls, its keys in the order of
 * canonical JSON: then nobody need look at each payload to know so. False where that cannot be told from the schema.
 */
export function isFlatSchema(schema: z.core.$ZodType): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type !== 'object' || def.checks !== undefined) return false
  if (def.catchall !== undefined && def.catchall._zod.def.type !== 'never') return false
  if (Object.getOwnPropertySymbols(def.shape).length > 0) return false
  let previous = ''
  for (const [key, field] of Object.entries(def.shape)) {
    // Objects put numbers first, and __proto__ is no key.
    if (key < previous || /^\d/.test(key) || key === '__proto__' || !isScalar(field)) return false
    previous = key
  }
  return true
}

function isScalar(schema: z.core.$ZodType): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.checks?.some((check) => !leavesAsIs.has(check._zod.def.check)) === true) return false
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return true
    case 'enum':
      return Object.values(def.entries).every(isScalarValue)
    case 'literal':
      return def.values.every(isScalarValue)
    case 'nullable':
    case 'optional':
      return isScalar(def.innerType)
    default:
      return false
  }
}

/** Checks that look at a value and change nothing. */
const leavesAsIs: ReadonlySet<string> = new Set([
  'less_than',
  'greater_than',
  'multiple_of',
  'number_format',
  'min_length',
  'max_length',
  'length_equals',
  'string_format',
])

function isScalarValue(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}
