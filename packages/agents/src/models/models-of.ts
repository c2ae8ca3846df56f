import type { TradingSwarmDefinition } from '../swarm/define-trading-swarm.js'
import { castOf } from './analyst-model.js'
import { cutoffOf } from './known-cutoffs.js'
import type { ModelPart } from './prompts/prompt.js'

/** A model of a swarm: the part that it plays, and up to when it has read, where that is known. */
export type SwarmModel = { readonly part: ModelPart; readonly model: string; readonly cutoff?: string }

/** The models of a definition by part: only those of the parts that are played. Empty without a model. */
export function modelsOf({ model, config }: Pick<TradingSwarmDefinition, 'model' | 'config'>): readonly SwarmModel[] {
  if (model === undefined) return []
  const { debate, maximumPosts, cutoffs } = config?.analyst?.model ?? {}
  const parts: readonly ModelPart[] = [
    ...(maximumPosts === 0 ? [] : (['reader'] as const)),
    'reasoner',
    ...(debate === undefined ? [] : (['bull', 'bear', 'judge'] as const)),
  ]
  const cast = castOf(model)
  return parts.map((part) => {
    const { provider, modelId } = cast[part]
    const cutoff = cutoffOf(modelId, cutoffs)
    return { part, model: `${provider}:${modelId}`, ...(cutoff === undefined ? {} : { cutoff }) }
  })
}
