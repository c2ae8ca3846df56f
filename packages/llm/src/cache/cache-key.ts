import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { sha256Hex } from '@tradeswarm/core'
import { canonicalCall } from './canonical-call.js'

/** Raised whenever answers that were stored under older keys must not be found any more. */
const keyVersion = 1

/** Whether a whole answer or a stream of its parts was asked for. */
export type CallMode = 'generate' | 'stream'

/** All that tells one call from another. Everything counts but what is named in {@link unkeyedHeaders} and the abort signal. */
export type CacheKeyParts = {
  /** Answers are shared within one namespace only: a tenant, a team, an account. */
  readonly namespace: string
  /** What market data the answer rests on, such as the close of the last bar: an answer does not outlive it. */
  readonly epoch: string
  readonly mode: CallMode
  readonly provider: string
  readonly modelId: string
  /** Where the provider is reached: the same model behind another address is another model. */
  readonly baseUrl: string
  readonly options: LanguageModelV4CallOptions
}

/** Headers that name a request, follow it or prove who sends it, and change no answer. Headers that turn features on are not among them. */
export const unkeyedHeaders: ReadonlySet<string> = new Set([
  'api-key',
  'authorization',
  'baggage',
  'cookie',
  'idempotency-key',
  'proxy-authorization',
  'request-id',
  'sentry-trace',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-amzn-trace-id',
  'x-api-key',
  'x-client-request-id',
  'x-cloud-trace-context',
  'x-correlation-id',
  'x-goog-api-key',
  'x-request-id',
])
const unkeyedHeaderPrefixes = ['x-b3-', 'x-datadog-']

/** SHA-256, in hex, of a canonical text of the call. Throws `NoCanonicalCall` where there is none. */
export function cacheKey(parts: CacheKeyParts): string {
  const { abortSignal: _signal, headers, ...options } = parts.options
  const keyed = { ...parts, options: { ...options, headers: keyedHeaders(headers) }, version: keyVersion }
  return sha256Hex(canonicalCall(keyed))
}

/** The headers that tell one call from another, in lower case; `undefined` where there are none. */
export function keyedHeaders(headers: LanguageModelV4CallOptions['headers']): Record<string, string> | undefined {
  const kept: [string, string][] = []
  for (const [name, value] of Object.entries(headers ?? {})) {
    const lower = name.toLowerCase()
    if (value === undefined || unkeyedHeaders.has(lower)) continue
    if (!unkeyedHeaderPrefixes.some((prefix) => lower.startsWith(prefix))) kept.push([lower, value])
  }
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}
