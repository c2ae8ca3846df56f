import { APICallError } from '@ai-sdk/provider'
import { createRedactor, SwarmError } from '@tradeswarm/core'
import { z } from 'zod'

/** What is recorded of an error: enough to decide by. Its message is without secrets. */
export type RecordedFailure = z.infer<typeof recordedFailure>

export const recordedFailure = z.object({
  name: z.string(),
  message: z.string(),
  /** Of an error of ours. */
  code: z.string().optional(),
  retryability: z.enum(['retryable', 'fatal', 'unknown-outcome']).optional(),
  /** Of an error of a provider. */
  isApiCall: z.boolean().optional(),
  statusCode: z.number().optional(),
})

const redactor = createRedactor()

export function failureOf(error: unknown): RecordedFailure {
  const name = error instanceof Error ? error.name : 'Error'
  const message = redactor.redactText(error instanceof Error ? error.message : String(error))
  if (SwarmError.isInstance(error)) return { name, message, code: error.code, retryability: error.retryability }
  if (!APICallError.isInstance(error)) return { name, message }
  const { statusCode } = error
  return { name, message, isApiCall: true, ...(statusCode === undefined ? {} : { statusCode }) }
}

/** The error again, of the same kind. `cause` is there where the call was made just now. */
export function errorOf(failure: RecordedFailure, cause?: unknown): Error {
  const { name, message, code, retryability, isApiCall, statusCode } = failure
  const caused = cause === undefined ? {} : { cause }
  if (code !== undefined)
    return new SwarmError({ code, message, ...(retryability === undefined ? {} : { retryability }), ...caused })
  if (isApiCall === true)
    return new APICallError({
      message,
      url: '',
      requestBodyValues: {},
      ...(statusCode === undefined ? {} : { statusCode }),
      ...caused,
    })
  const error = new Error(message, caused)
  error.name = name
  return error
}
