/** Up to when a model has read: what it says of days until then may be memory and not judgement. */
export type ModelCutoff = {
  /** The last day that its training data may reach to, YYYY-MM-DD. Where a provider names a month, its last day. */
  readonly cutoff: string
  /** Where it was read, and when. */
  readonly source: string
  readonly date: string
}

const openAi = 'developers.openai.com/api/docs/models, knowledge cutoff'
const anthropic =
  'anthropic.com/transparency, training data cutoff (later than the "reliable knowledge" of the documentation)'

/** Cutoffs of some models, by model id. Providers revise them, and `cutoffs` among the Analyst's options takes your own. */
export const knownCutoffs: Readonly<Record<string, ModelCutoff>> = {
  'gpt-5': { cutoff: '2024-09-30', source: openAi, date: '2026-11-27' },
  'gpt-5-mini': { cutoff: '2024-05-31', source: openAi, date: '2026-11-27' },
  'gpt-5-nano': { cutoff: '2024-05-31', source: openAi, date: '2026-11-27' },
  'claude-haiku-4-5': { cutoff: '2025-07-31', source: anthropic, date: '2026-11-27' },
  'claude-sonnet-4-5': { cutoff: '2025-07-31', source: anthropic, date: '2026-11-27' },
  'claude-opus-4-5': { cutoff: '2025-08-31', source: anthropic, date: '2026-11-27' },
}

/** The cutoff of a model by its id, or by that of which it is a dated snapshot (`gpt-5-mini-2025-08-07`); undefined where nobody knows. */
export function cutoffOf(
  modelId: string,
  own: Readonly<Record<string, Pick<ModelCutoff, 'cutoff'>>> = {},
): string | undefined {
  const snapshotOf = modelId.replace(/-(?:\d{8}|\d{4}-\d{2}-\d{2})$/, '')
  for (const id of [modelId, snapshotOf]) {
    const found =
      (Object.hasOwn(own, id) ? own[id] : undefined) ?? (Object.hasOwn(knownCutoffs, id) ? knownCutoffs[id] : undefined)
    if (found !== undefined) return found.cutoff
  }
  return undefined
}
