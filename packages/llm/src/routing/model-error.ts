import { APICallError } from '@ai-sdk/provider'
import { SwarmError } from '@tradeswarm/core'

/** What an error of a model call says about trying again. */
export type ModelFault =
  /** The provider is overloaded, down or cannot be reached: again later, or another model. */
  | 'unavailable'
  /** The model rejects an option, the prompt or its length: again would fail alike, and so would another that is asked alike. */
  | 'rejected'
  /** The key is missing, wrong or lacks a right. */
  | 'unauthorised'
  /** Our own: a budget, an abort, a wrong option. */
  | 'own'

const unavailableStatuses: ReadonlySet<number> = new Set([408, 409, 425, 429])

/** Reads an error of a provider of the AI SDK. A cut connection has no status. */
export function modelFault(error: unknown): ModelFault {
  if (!APICallError.isInstance(error)) {
    if (SwarmError.isInstance(error)) return error.code === 'TIMED_OUT' ? 'unavailable' : 'own'
    return isAbort(error) ? 'own' : 'unavailable'
  }
  const { statusCode } = error
  // A body that broke or is none comes with the status of success.
  if (statusCode === undefined || statusCode < 400) return 'unavailable'
  if (statusCode === 401 || statusCode === 403) return 'unauthorised'
  // 529 is Anthropic's word for overloaded.
  return statusCode >= 500 || unavailableStatuses.has(statusCode) ? 'unavailable' : 'rejected'
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'ResponseAborted')
}

/** How long a provider asks to wait, in ms: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfterMs(error: unknown, now: number): number | undefined {
  if (!APICallError.isInstance(error)) return undefined
  const headers = error.responseHeaders ?? {}
  const exact = Number.parseFloat(headers['retry-after-ms'] ?? '')
  if (exact >= 0) return exact
  const text = headers['retry-after']
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/**
 * The option that a model does not take, or not so, as its provider names it (`temperature`, `max_tokens`): leave it out, and the call may do.
 * `undefined` for every other error: one of a model that failed, and one that does not say which option it was.
 */
export function rejectedOption(error: unknown): string | undefined {
  if (modelFault(error) !== 'rejected' || !APICallError.isInstance(error)) return undefined
  const told = errorIn(error.data ?? jsonOf(error.responseBody))
  if (typeof told['param'] === 'string') return told['param']
  // Anthropic has no field for it: its sentence begins with the name.
  const message = typeof told['message'] === 'string' ? told['message'] : error.message
  const name = /^`?([a-z_]+)(?:[.\d][\w.]*)?`?(?::| )/.exec(message)?.[1]
  return name !== undefined && optionNames.has(name) ? name : undefined
}

/** Options as Anthropic names them. What else stands there is no option: `messages` is the prompt. */
const optionNames: ReadonlySet<string> = new Set([
  'max_tokens',
  'metadata',
  'output_config',
  'service_tier',
  'stop_sequences',
  'temperature',
  'thinking',
  'tool_choice',
  'tools',
  'top_k',
  'top_p',
])

function errorIn(body: unknown): Readonly<Record<string, unknown>> {
  const error: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'error') : undefined
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {}
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
