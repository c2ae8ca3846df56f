import type {
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider'
import type { EpochMs, Ids } from '@tradeswarm/core'
import type { CallMode } from './cache-key.js'

/** An answer as it is kept: without the request and without bodies and headers of the response, which may hold secrets. */
export type StoredAnswer = {
  readonly version: typeof answerVersion
  readonly mode: CallMode
  readonly storedAt: EpochMs
  readonly expiresAt: EpochMs
  readonly usage: LanguageModelV4Usage
  /** Of mode `generate`. */
  readonly result?: LanguageModelV4GenerateResult
  /** Of mode `stream`. */
  readonly parts?: readonly LanguageModelV4StreamPart[]
}

/** Raised when answers of older programs cannot be read any more. */
export const answerVersion = 1

/** What an answer from the cache tells about itself, under `providerMetadata.tradeswarm`. */
export type ReplayNote = {
  readonly answeredBy: 'cache' | 'shared-call'
  /** The tokens that were not billed. */
  readonly savedUsage: LanguageModelV4Usage
}

/** The usage of an answer that cost nothing. */
const noUsage: LanguageModelV4Usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
}

/** What is kept of a whole answer. */
export function keptResult(result: LanguageModelV4GenerateResult): LanguageModelV4GenerateResult {
  const { request: _request, response, ...kept } = result
  return response === undefined ? kept : { ...kept, response: keptMetadata(response) }
}

/** What is kept of a stream: without raw chunks, which are bodies. */
export function keptParts(parts: readonly LanguageModelV4StreamPart[]): LanguageModelV4StreamPart[] {
  return parts.filter((part) => part.type !== 'raw' && part.type !== 'ping')
}

/** An answer given again, a copy of its own: fresh ids, no bodies or headers, nothing billed, and what that saved. */
export function replayedResult(
  result: LanguageModelV4GenerateResult,
  answeredBy: ReplayNote['answeredBy'],
  ids: Ids,
): LanguageModelV4GenerateResult {
  const kept = structuredClone(keptResult(result))
  return {
    ...kept,
    content: kept.content.map(withFreshId(ids)),
    usage: noUsage,
    providerMetadata: noted(kept.providerMetadata, answeredBy, kept.usage),
    ...(kept.response === undefined ? {} : { response: { ...kept.response, id: ids.next('response') } }),
  }
}

/** {@link replayedResult} for a stream, part by part; the ids of one stream agree with each other. */
export function streamReplayer(
  answeredBy: ReplayNote['answeredBy'],
  ids: Ids,
): (part: LanguageModelV4StreamPart) => LanguageModelV4StreamPart {
  const freshen = withFreshId(ids)
  return (part) => {
    if (part.type === 'finish')
      return { ...part, usage: noUsage, providerMetadata: noted(part.providerMetadata, answeredBy, part.usage) }
    if (part.type === 'response-metadata') return { ...part, id: ids.next('response') }
    return freshen(part)
  }
}

function noted(
  metadata: SharedV4ProviderMetadata | undefined,
  answeredBy: ReplayNote['answeredBy'],
  savedUsage: LanguageModelV4Usage,
): SharedV4ProviderMetadata {
  const { inputTokens, outputTokens } = savedUsage
  return { ...metadata, tradeswarm: { answeredBy, savedUsage: { inputTokens, outputTokens } } }
}

function keptMetadata({ id, timestamp, modelId }: NonNullable<LanguageModelV4GenerateResult['response']>) {
  return {
    ...(id === undefined ? {} : { id }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(modelId === undefined ? {} : { modelId }),
  }
}

/** A new id for each tool call, the same for all parts that belong to it: two calls of a conversation never share one. */
function withFreshId(ids: Ids): <P extends { readonly type: string }>(part: P) => P {
  const fresh = new Map<string, string>()
  const freshOf = (id: string): string => {
    let known = fresh.get(id)
    if (known === undefined) {
      known = ids.next('call')
      fresh.set(id, known)
    }
    return known
  }
  return (part) => {
    if (!part.type.startsWith('tool-')) return part
    const { id, toolCallId } = part as { readonly id?: unknown; readonly toolCallId?: unknown }
    if (typeof toolCallId === 'string') return { ...part, toolCallId: freshOf(toolCallId) }
    return typeof id === 'string' ? { ...part, id: freshOf(id) } : part
  }
}
