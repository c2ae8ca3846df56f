import { z } from 'zod'
import { SwarmError } from '../errors/swarm-error.js'

/** The parsed value. Throws `INVALID_PAYLOAD`, naming what was validated and each field that failed. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalidPayload(result.error, what)
}

export function invalidPayload(error: z.ZodError, what: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_PAYLOAD',
    message: `${what}: ${describeIssues(error)}`,
    context: { fields: error.issues.map((issue) => issue.path.join('.')) },
  })
}

/** One line that names each field and what is wrong with it. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .map((issue) => `${issue.path.length > 0 ? z.core.toDotPath(issue.path) : '(the whole value)'}: ${issue.message}`)
    .join('; ')
}
