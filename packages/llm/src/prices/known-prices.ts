import type { ModelPrice } from './model-price.js'

const openAi = 'platform.openai.com/docs/pricing'
const anthropic = 'platform.claude.com/docs/en/about-claude/pricing'

/**
 * List prices of some models, in US dollars for a million tokens, standard service. Prices change: each has its date, and `prices` takes
 * your own. Anthropic's cache is written at 1.25 × the input price for five minutes and read at 0.1 ×.
 */
export const knownPrices: Readonly<Record<string, ModelPrice>> = {
  'gpt-5': openAiPrice('1.25', '0.125', '10'),
  'gpt-5-mini': openAiPrice('0.25', '0.025', '2'),
  'gpt-5-nano': openAiPrice('0.05', '0.005', '0.4'),
  'claude-haiku-4-5': anthropicPrice('1', '1.25', '0.1', '5'),
  'claude-sonnet-4-5': anthropicPrice('3', '3.75', '0.3', '15'),
  'claude-opus-4-5': anthropicPrice('5', '6.25', '0.5', '25'),
}

function openAiPrice(input: string, cacheRead: string, output: string): ModelPrice {
  const limits = { maximumOutputTokens: 128_000, contextTokens: 400_000 }
  return { input, cacheRead, output, ...limits, source: openAi, date: '2026-06-15' }
}

function anthropicPrice(input: string, cacheWrite: string, cacheRead: string, output: string): ModelPrice {
  const limits = { maximumOutputTokens: 64_000, contextTokens: 200_000 }
  return { input, cacheWrite, cacheRead, output, ...limits, source: anthropic, date: '2026-06-15' }
}
