import { z } from 'zod'

/** What the schemas of a value say about it: whether it is marked as a secret, or as none, and what they say about the values in it. */
export type SchemaView = {
  readonly mark: boolean | undefined
  child(key: string | number): SchemaView
}

type Schema = z.core.$ZodType

const unknownValue: SchemaView = Object.freeze({ mark: undefined, child: () => unknownValue })

/** Reads the marks (`.meta({ secret: true })`) of all schemas that a value may be of, through what is wrapped around them. `true` outweighs `false`. */
export function readSchemas(schemas: readonly Schema[]): SchemaView {
  if (schemas.length === 0) return unknownValue
  const all = unwrapped(schemas)
  const marks = all.map((schema) => z.globalRegistry.get(schema)?.['secret'])
  return {
    mark: marks.includes(true) ? true : marks.includes(false) ? false : undefined,
    child: (key) => readSchemas(all.flatMap((schema) => childrenOf(schema, key))),
  }
}

/** The schemas and all that they stand for, each once. */
function unwrapped(schemas: readonly Schema[]): readonly Schema[] {
  const all = new Set<Schema>(schemas)
  // A set goes on to what is added to it on the way.
  for (const schema of all) for (const inner of innerOf(schema)) all.add(inner)
  return [...all]
}

function innerOf(schema: Schema): readonly Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return [def.innerType]
    case 'pipe':
      return [def.in, def.out]
    case 'union':
      return def.options
    case 'intersection':
      return [def.left, def.right]
    case 'lazy':
      return [def.getter()]
    default:
      return []
  }
}

function childrenOf(schema: Schema, key: string | number): readonly Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  const found = ((): Schema | null | undefined => {
    switch (def.type) {
      case 'object':
        return Object.hasOwn(def.shape, key) ? def.shape[key] : def.catchall
      case 'record':
        return def.valueType
      case 'array':
        return def.element
      case 'tuple':
        return def.items[Number(key)] ?? def.rest
      default:
        return undefined
    }
  })()
  return found ? [found] : []
}
