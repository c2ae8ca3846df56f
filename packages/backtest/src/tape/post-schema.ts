import { shown } from '@tradeswarm/core'
import type { z } from 'zod'
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

function fieldOf(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  )
}
