import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  LanguageModelV4Middleware,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider'
import { sha256Hex } from '@tradeswarm/core'
import { marked } from '../marked-json.js'

type Tools = NonNullable<LanguageModelV4CallOptions['tools']>

/**
 * `providerOptions` of a message that is the same in many calls, such as a glossary or a policy: `promptLayout` lets it stand in front of all
 * that changes. System messages at the beginning need no such mark.
 */
export const stablePrefix: SharedV4ProviderOptions = { tradeswarm: { stable: true } }

/**
 * Lays a call out so that its provider finds the beginning in its own cache: tools by name, system messages, stable messages, then what changes.
 * Anthropic is told where the beginning ends (one mark, for five minutes), OpenAI which calls begin alike (`promptCacheKey`); marks and keys of
 * the caller's own stay as they are. Other providers cache by themselves, or not at all.
 */
export function promptLayout(): LanguageModelV4Middleware {
  return {
    specificationVersion: 'v4',
    transformParams: async ({ params, model }) => layoutCall(params, model.provider),
  }
}

/** {@link promptLayout} of one call. */
export function layoutCall(params: LanguageModelV4CallOptions, provider: string): LanguageModelV4CallOptions {
  const { prefix, rest } = splitPrompt(params.prompt)
  const tools = params.tools === undefined ? undefined : byName(params.tools)
  const laidOut: LanguageModelV4CallOptions = {
    ...params,
    prompt: [...prefix, ...rest],
    ...(tools === undefined ? {} : { tools }),
  }
  if (prefix.length === 0 && (tools ?? []).length === 0) return laidOut
  const [vendor] = provider.split('.')
  if (vendor === 'anthropic') return hasOwnMark(laidOut) ? laidOut : withMark(laidOut, prefix, rest, tools)
  return vendor === 'openai' ? withKey(laidOut, prefix, tools) : laidOut
}

/** Messages that are marked stable come behind the system messages of the beginning; the order among each kind stays. */
function splitPrompt(prompt: LanguageModelV4CallOptions['prompt']): {
  readonly prefix: readonly LanguageModelV4Message[]
  readonly rest: readonly LanguageModelV4Message[]
} {
  const other = prompt.findIndex(({ role }) => role !== 'system')
  const systems = other < 0 ? prompt : prompt.slice(0, other)
  const others = other < 0 ? [] : prompt.slice(other)
  return {
    prefix: [...systems, ...others.filter(isStable)],
    rest: others.filter((message) => !isStable(message)),
  }
}

function isStable({ providerOptions }: LanguageModelV4Message): boolean {
  return providerOptions?.['tradeswarm']?.['stable'] === true
}

/** By code units, and not by a language's rules, so that it is the same everywhere. */
function byName(tools: Tools): Tools {
  return [...tools].sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0))
}

type Optioned = { readonly providerOptions?: SharedV4ProviderOptions | undefined }

/** Up to four marks are allowed, and who sets one knows where. */
function hasOwnMark({ prompt, tools = [], providerOptions }: LanguageModelV4CallOptions): boolean {
  const parts: readonly Optioned[] = [
    { providerOptions },
    ...tools.map((tool): Optioned => (tool.type === 'function' ? tool : {})),
    ...prompt,
    ...prompt.flatMap(({ content }): readonly Optioned[] => (typeof content === 'string' ? [] : content)),
  ]
  return parts.some(({ providerOptions: options }) => {
    const { cacheControl, cache_control } = options?.['anthropic'] ?? {}
    return cacheControl !== undefined || cache_control !== undefined
  })
}

const mark = { cacheControl: { type: 'ephemeral' } }

function marking<T extends Optioned>(part: T): T {
  const { providerOptions } = part
  return { ...part, providerOptions: { ...providerOptions, anthropic: { ...providerOptions?.['anthropic'], ...mark } } }
}

/** On the last block of the beginning; without messages in it, on the last tool. */
function withMark(
  params: LanguageModelV4CallOptions,
  prefix: readonly LanguageModelV4Message[],
  rest: readonly LanguageModelV4Message[],
  tools: Tools | undefined,
): LanguageModelV4CallOptions {
  const last = prefix.at(-1)
  if (last !== undefined) return { ...params, prompt: [...prefix.slice(0, -1), marking(last), ...rest] }
  const tool = tools?.at(-1)
  if (tools === undefined || tool?.type !== 'function') return params
  return { ...params, tools: [...tools.slice(0, -1), marking(tool)] }
}

/** Calls that begin alike go to one machine of the provider; the key is the beginning's hash, which tells nobody what it is. */
function withKey(
  params: LanguageModelV4CallOptions,
  prefix: readonly LanguageModelV4Message[],
  tools: Tools | undefined,
): LanguageModelV4CallOptions {
  const { providerOptions } = params
  if (providerOptions?.['openai']?.['promptCacheKey'] !== undefined) return params
  const promptCacheKey = sha256Hex(JSON.stringify(marked({ tools, prefix }))).slice(0, 32)
  return {
    ...params,
    providerOptions: { ...providerOptions, openai: { ...providerOptions?.['openai'], promptCacheKey } },
  }
}
