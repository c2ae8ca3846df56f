import { type Span, SpanStatusCode } from '@opentelemetry/api'
import { messageOf } from '../errors/swarm-error.js'
import { stackFrames } from '../logging/stack-frames.js'
import { attributeName } from './semantic-attributes.js'

/** Takes the secrets out of a text. */
export type RedactText = (text: string) => string

/** For whatever has no name that could serve as a kind of error. */
export const otherError = '_OTHER'

// A name of code, so that no text with data in it becomes the name of a time series.
const errorName = /^[A-Za-z][A-Za-z0-9_]{0,63}$/

/** What kind of error it was, as `error.type` wants it: few different ones. The code of a `SwarmError` or of the platform, else the class. */
export function errorTypeOf(error: unknown): string {
  return nameIn(error, 'code') ?? nameIn(error, 'name') ?? otherError
}

/** Marks a span as failed, with the exception and without its secrets. Never throws. */
export function recordFailure(span: Span, error: unknown, errorType: string, redactText: RedactText): void {
  const text = textOf(() => messageOf(error))
  const message = redactText(text)
  const places = stackFrames(
    textOf(() => (error as { stack?: unknown } | undefined)?.stack),
    text,
  )
  const stack = places.map(redactText).join('\n')
  span.setAttribute(attributeName.errorType, errorType)
  span.recordException({ name: errorType, message, ...(stack === '' ? {} : { stack }) })
  span.setStatus({ code: SpanStatusCode.ERROR, message })
}

function nameIn(error: unknown, field: 'code' | 'name'): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const text = textOf(() => (error as Record<string, unknown>)[field])
  return errorName.test(text) ? text : undefined
}

function textOf(read: () => unknown): string {
  try {
    const text = read()
    return typeof text === 'string' ? text : ''
  } catch {
    return ''
  }
}
