import { modelsOf } from '@tradeswarm/agents'
import { lastSentimentTrainingYear } from '@tradeswarm/signals'
import { contaminationLabels } from './contamination.js'
import type { BacktestOptions } from './run-options.js'

/**
 * Sentences about what a run was made with that its figures cannot say: which strategy decided, and what its sentiment
 * model had read. Generated posts name nothing that came later, so they need no such sentence.
 */
export function runLabels({
  tape,
  swarm,
  sources = [],
}: Pick<BacktestOptions, 'tape' | 'swarm' | 'sources'>): readonly string[] {
  const labels: string[] = []
  if (swarm.replace?.analyst === undefined) {
    labels.push('The built-in strategy exercises the machinery; it was not made to earn money.')
  }
  const hasWrittenPosts =
    (tape.posts.length > 0 && !tape.source.synthetic) || sources.some((source) => source.synthetic !== true)
  const isEarlier = tape.tradeFrom <= `${lastSentimentTrainingYear}-12-31`
  if (swarm.replace?.['data-scout'] === undefined && hasWrittenPosts && isEarlier) {
    labels.push(
      `The sentiment model has read texts from later years, up to ${lastSentimentTrainingYear}: what it makes of earlier posts carries hindsight.`,
    )
  }
  labels.push(...contaminationLabels(modelsOf(swarm), tape.tradeFrom))
  for (const source of sources) if (source.synthetic) labels.push(`What comes from ${source.name} is synthetic.`)
  return labels
}
