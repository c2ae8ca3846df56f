import type { Opinion, Scenarios } from '../models/opinion.js'
import { weighScenarios } from '../models/weigh-scenarios.js'
import type { ModelAnalystConfig } from './analyst-config.js'
import type { AnalystCase } from './case-file.js'
import { type Factor, levelsFor, type Recommendation, weighFactors } from './recommend.js'

/** What an opinion comes to. `none`: the model saw no reason to act; `weak`: its reason is below what the Analyst asks for. */
export type OpinionOutcome =
  | { readonly status: 'none' | 'weak' }
  | {
      readonly status: 'recommended'
      readonly recommendation: Omit<Recommendation, 'rank' | 'model'>
      readonly scenarios: Scenarios
      readonly expectedReturn: number
      readonly rewardToRisk: number
    }

/**
 * A recommendation on a model's opinion. The model chooses direction, score and confidence within the Analyst's own thresholds; levels come
 * from prices alone, and an entry needs scenarios that are worth their risk. What Learning found out of the factor `model` can only lower its
 * score. Pure.
 */
export function recommendByOpinion(found: AnalystCase, opinion: Opinion, config: ModelAnalystConfig): OpinionOutcome {
  if (opinion.action === 'none') return { status: 'none' }
  const { signal, indicators, tickSize, parameters, baseline } = found
  const trust = Math.min(1, parameters.factorWeights['model'] ?? 1)
  const score = opinion.score * trust
  const setup = 'model'
  const bias = (parameters.setupBias[setup] ?? 0) + (parameters.symbolBias[signal.symbol] ?? 0)
  const confidence = Math.min(1, Math.max(0, opinion.confidence + bias))
  if (Math.abs(score) < config.minimumScore || confidence < config.minimumConfidence) return { status: 'weak' }
  const weighed = weighScenarios(opinion.scenarios)
  const isEntry = opinion.action === 'enter-long'
  if (isEntry && !(weighed.expectedReturn > 0 && weighed.rewardToRisk >= config.model.minimumRewardToRisk))
    return { status: 'weak' }
  const levels = levelsFor({ indicators, tickSize, config })
  if (levels === undefined) return { status: 'weak' }
  const byModel: Factor = {
    factor: 'model',
    score: opinion.score,
    confidence: opinion.confidence,
    weight: trust,
    contribution: trust * opinion.confidence * opinion.score,
  }
  const factors = weighFactors({ signal, indicators, baseline, parameters, config })
  return {
    status: 'recommended',
    ...weighed,
    recommendation: {
      symbol: signal.symbol,
      sessionDate: signal.sessionDate,
      direction: isEntry ? 'enter-long' : 'exit-long',
      setup,
      score,
      confidence,
      horizonSessions: config.horizonSessions,
      ...levels,
      reasons: [byModel, ...factors],
      signalMessageId: found.id,
      parametersVersion: parameters.version,
    },
  }
}
