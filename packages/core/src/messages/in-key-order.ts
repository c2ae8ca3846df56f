import { z } from 'zod'

/**
 * A schema that accepts and makes the same, but the keys of the object that it makes, and of objects within, come in the order of canonical
 * JSON, so that it need not be sorted for the journal. The schema itself where it is no plain object or its keys are in order.
 */
export function inKeyOrder<Schema extends z.ZodType>(schema: Schema): Schema {
  if (!(schema instanceof z.ZodObject)) return schema
  const { shape } = schema
  const keys = Object.keys(shape)
  const sorted = keys.toSorted(byCodeUnits)
  const fields = sorted.map((key) => inKeyOrder(shape[key] as z.ZodType))
  if (sorted.every((key, index) => key === keys[index] && fields[index] === shape[key])) return schema
  const ordered = Object.fromEntries(sorted.map((key, index) => [key, fields[index]]))
  return z.core.clone(schema, { ...schema.def, shape: ordered }) as unknown as Schema
}

function byCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
