/** What a provider asks for batches, and how much it takes at once. */
export type BatchTerms = {
  /** Of the price of a call by itself, as a decimal text. */
  readonly priceFraction: string
  readonly maximumRequests: number
  /** Where this was read, and when (YYYY-MM-DD). */
  readonly source: string
  readonly date: string
}

/**
 * Providers of the AI SDK that have batch endpoints (`provider.experimental_batch()`), by the beginning of the name that their batches bear.
 * Both take up to 24 hours, bill what was answered alone, and list what they were given.
 */
export const batchTerms: Readonly<Record<string, BatchTerms>> = {
  openai: {
    priceFraction: '0.5',
    maximumRequests: 50_000,
    source: 'developers.openai.com/api/reference (batches)',
    date: '2026-11-01',
  },
  anthropic: {
    priceFraction: '0.5',
    maximumRequests: 100_000,
    source: 'platform.claude.com/docs/en/build-with-claude/batch-processing',
    date: '2026-11-01',
  },
}

/** The terms of a provider, such as `openai.batch`; `undefined` for one that is not in the table. */
export function termsOf(provider: string): BatchTerms | undefined {
  return batchTerms[provider.split('.')[0] ?? '']
}
