import { nearestName, shown } from '@tradeswarm/core'
import { z } from 'zod'
import type { RowFaults, TapePlace } from './row-faults.js'

/** The JSON object of one line, checked by a schema; undefined when it was refused and counted. */
export function postOrFault<Schema extends z.ZodType>(
  schema: Schema,
  line: string,
  place: TapePlace,
  faults: RowFaults,
): z.output<Schema> | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    faults.refuse('TAPE_POST_UNPARSABLE', place, `the post is no JSON object: ${shown(line)}`, error)
    return undefined
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  if (issue?.code === 'unrecognized_keys') {
    refuseUnknown(schema, issue.keys[0] ?? '', place, faults)
    return undefined
  }
  const field = issue?.path.join('.') ?? ''
  const found = fieldOf(value, issue?.path ?? [])
  if (field === '') faults.refuse('TAPE_POST_UNPARSABLE', place, `the post is no JSON object: ${shown(line)}`)
  else if (found === undefined) faults.refuse('TAPE_FIELD_MISSING', { ...place, field }, 'is missing')
  else
    faults.refuse(
      'TAPE_FIELD_INVALID',
      { ...place, field },
      `${shown(found)} does not fit: ${issue?.message ?? 'invalid'}`,
    )
  return undefined
}

function refuseUnknown(schema: z.ZodType, field: string, place: TapePlace, faults: RowFaults): void {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const nearest = nearestName(field, known)
  const hint = nearest === undefined ? `there are: ${known.join(', ')}` : `did you mean ${nearest}?`
  faults.refuse('TAPE_FIELD_UNKNOWN', { ...place, field: shown(field) }, `a post has no such field; ${hint}`)
}

function fieldOf(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  )
}
