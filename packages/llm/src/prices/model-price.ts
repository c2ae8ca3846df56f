import type { LanguageModelV4CallOptions, LanguageModelV4Usage } from '@ai-sdk/provider'
import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal } from '@tradeswarm/trading'

/** What a model costs, and what a call of it can cost at most. Prices are decimal texts, in US dollars for a million tokens. */
export type ModelPrice = {
  readonly input: string
  /** Input that the provider had in its own cache; default as `input`. */
  readonly cacheRead?: string
  /** Input that the provider wrote to its own cache; default as `input`. */
  readonly cacheWrite?: string
  /** Output, the tokens of reasoning among it. */
  readonly output: string
  /** The most tokens that one answer can have where the call sets no bound. */
  readonly maximumOutputTokens: number
  /** The most tokens that a prompt can have. */
  readonly contextTokens: number
  /** Where the price was read, and when (YYYY-MM-DD). */
  readonly source: string
  readonly date: string
}

/** Exact prices of one model, for a token each. */
export type TokenPrices = {
  readonly input: Decimal
  readonly cacheRead: Decimal
  readonly cacheWrite: Decimal
  readonly output: Decimal
  readonly maximumOutputTokens: number
  readonly contextTokens: number
}

const perToken = decimal('0.000001')

/** Throws `INVALID_DECIMAL` and `INVALID_OPTION`, naming the model and the field. */
export function tokenPrices(model: string, price: ModelPrice): TokenPrices {
  const { maximumOutputTokens, contextTokens } = price
  if (!isCount(maximumOutputTokens)) throw invalid(model, 'maximumOutputTokens', maximumOutputTokens)
  if (!isCount(contextTokens)) throw invalid(model, 'contextTokens', contextTokens)
  const of = (field: 'input' | 'cacheRead' | 'cacheWrite' | 'output'): Decimal => {
    const value = decimal(price[field] ?? price.input, `prices["${model}"].${field}`)
    if (value.isNegative()) throw invalid(model, field, price[field])
    return value.times(perToken)
  }
  return {
    input: of('input'),
    cacheRead: of('cacheRead'),
    cacheWrite: of('cacheWrite'),
    output: of('output'),
    maximumOutputTokens,
    contextTokens,
  }
}

/** What a call with this usage cost, in dollars; `undefined` where the provider did not tell all of it. */
export function costOf(prices: TokenPrices, { inputTokens, outputTokens }: LanguageModelV4Usage): Decimal | undefined {
  if (inputTokens.total === undefined || outputTokens.total === undefined) return undefined
  const read = inputTokens.cacheRead ?? 0
  const written = inputTokens.cacheWrite ?? 0
  const fresh = Math.max(0, inputTokens.total - read - written)
  return times(prices.input, fresh)
    .plus(times(prices.cacheRead, read))
    .plus(times(prices.cacheWrite, written))
    .plus(times(prices.output, outputTokens.total))
}

/**
 * The most that a call can cost, in dollars. No tokenizer that is in use makes more tokens of a text than it has UTF-8 bytes, and what a
 * provider adds around messages and tools is less than their JSON; a file that is no text may fill the whole context.
 */
export function worstCost(prices: TokenPrices, options: LanguageModelV4CallOptions): Decimal {
  const input = hasFile(options) ? prices.contextTokens : Math.min(prices.contextTokens, bytesOf(options))
  const output = Math.min(prices.maximumOutputTokens, options.maxOutputTokens ?? prices.maximumOutputTokens)
  const dearest = prices.cacheWrite.gt(prices.input) ? prices.cacheWrite : prices.input
  return times(dearest, input).plus(times(prices.output, output))
}

function bytesOf({ prompt, tools, responseFormat }: LanguageModelV4CallOptions): number {
  return new TextEncoder().encode(JSON.stringify({ prompt, tools, responseFormat })).length
}

function hasFile({ prompt }: LanguageModelV4CallOptions): boolean {
  return prompt.some(
    ({ content }) =>
      Array.isArray(content) &&
      content.some(
        (part) => part.type.includes('file') || (part.type === 'tool-result' && part.output.type === 'content'),
      ),
  )
}

function times(price: Decimal, tokens: number): Decimal {
  return price.times(decimal(String(tokens)))
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1
}

function invalid(model: string, field: string, value: unknown): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `prices["${model}"].${field} is ${String(value)}; it must not be negative, and numbers of tokens are whole and at least 1`,
    context: { model, field },
  })
}
