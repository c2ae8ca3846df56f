import type { z } from 'zod'

/** A field that a schema drops in silence: where it stands, and what the schema knows there. */
export type StrayField = { readonly path: readonly PropertyKey[]; readonly known: readonly string[] }

/**
 * The first field of a value that a plain `z.object` in the schema does not know and would drop. It looks into objects, lists and records, and
 * through what is optional, has a default or is transformed afterwards; strict objects tell of themselves, loose ones take everything, and where
 * it is not certain which schema a value meets, as with unions, nothing is said.
 */
export function strayField(schema: z.core.$ZodType, value: unknown): StrayField | undefined {
  return strayIn(schema, value, [])
}

function strayIn(schema: z.core.$ZodType, value: unknown, path: readonly PropertyKey[]): StrayField | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'nonoptional':
    case 'default':
    case 'prefault':
    case 'catch':
    case 'readonly':
      return strayIn(def.innerType, value, path)
    case 'pipe':
      return strayIn(def.in, value, path)
    case 'array':
      return Array.isArray(value) ? strayInEach(value.entries(), () => def.element, path) : undefined
    case 'record':
      return isPlainObject(value) ? strayInEach(Object.entries(value), () => def.valueType, path) : undefined
    case 'object': {
      if (!isPlainObject(value)) return undefined
      const { shape, catchall } = def
      const stray = catchall === undefined ? Object.keys(value).find((name) => !Object.hasOwn(shape, name)) : undefined
      if (stray !== undefined) return { path: [...path, stray], known: Object.keys(shape) }
      return strayInEach(Object.entries(value), (name) => (Object.hasOwn(shape, name) ? shape[name] : undefined), path)
    }
    default:
      return undefined
  }
}

function strayInEach<Key extends PropertyKey>(
  entries: Iterable<[Key, unknown]>,
  schemaOf: (key: Key) => z.core.$ZodType | undefined,
  path: readonly PropertyKey[],
): StrayField | undefined {
  for (const [key, value] of entries) {
    const schema = schemaOf(key)
    const stray = schema === undefined ? undefined : strayIn(schema, value, [...path, key])
    if (stray !== undefined) return stray
  }
  return undefined
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
