import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { canonicalJson, SwarmError, sha256Hex } from '@tradeswarm/core'
import { type CallMode, keyedHeaders } from '../cache/cache-key.js'
import { contextOf } from '../call-context.js'
import { marked } from '../marked-json.js'

/** Which model was asked. */
export type ModelName = { readonly provider: string; readonly modelId: string }

/** A call as it is recorded: who asked, the how manieth call of that agent it was, and all that was asked. */
export type AskedCall = {
  readonly agent: string
  /** From 1, in the order in which its agent's calls were begun. */
  readonly number: number
  readonly model: string
  readonly mode: CallMode
  readonly text: string
  /** SHA-256 of the text. */
  readonly hash: string
}

/** The agent that a call names; one that names none shares its count with the others. */
export function agentOf(params: LanguageModelV4CallOptions): string {
  return contextOf(params).agent ?? ''
}

/**
 * The call's text is all that decides about the answer. The address of the provider is none of it: a replay may run anywhere.
 * Throws `MODEL_CALL_NOT_RECORDABLE` for a call with a function or NaN among its options.
 */
export function askedCall(
  { provider, modelId }: ModelName,
  mode: CallMode,
  params: LanguageModelV4CallOptions,
  number: number,
): AskedCall {
  const { abortSignal: _signal, headers, ...options } = params
  const model = `${provider}:${modelId}`
  const agent = agentOf(params)
  try {
    const text = canonicalJson(marked({ ...options, headers: keyedHeaders(headers), model, mode }))
    return { agent, number, model, mode, text, hash: sha256Hex(text) }
  } catch (cause) {
    throw new SwarmError({
      code: 'MODEL_CALL_NOT_RECORDABLE',
      message: `${nameOf({ agent, number, model })} has no text that could be kept (${cause instanceof Error ? cause.message : String(cause)}): give the call plain data only`,
      cause,
    })
  }
}

/** A call as a person would name it: `call 3 of analyst (openai.responses:gpt-5-mini)`. */
export function nameOf({ agent, number, model }: Pick<AskedCall, 'agent' | 'number' | 'model'>): string {
  return `call ${number} of ${agent === '' ? 'no agent' : agent} (${model})`
}
