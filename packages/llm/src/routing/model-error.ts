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
