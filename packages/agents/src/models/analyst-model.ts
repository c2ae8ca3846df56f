import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { ModelPart } from './prompts/prompt.js'

/** Models by part; those that are left out are played by the reasoner. */
export type ModelCast = {
  /** Reads posts: the only one that strangers' text is shown to. */
  readonly reader: LanguageModelV4
  readonly reasoner: LanguageModelV4
  readonly bull?: LanguageModelV4
  readonly bear?: LanguageModelV4
  readonly judge?: LanguageModelV4
}

/** One model of the AI SDK for all parts, or one for each. Wrap it in `withSwarmEconomics` for cache, retries, budget and fallback. */
export type AnalystModel = LanguageModelV4 | ModelCast

/** The model that plays each part. */
export function castOf(model: AnalystModel): Readonly<Record<ModelPart, LanguageModelV4>> {
  if (!isCast(model)) return { reader: model, reasoner: model, bull: model, bear: model, judge: model }
  const { reader, reasoner, bull = reasoner, bear = reasoner, judge = reasoner } = model
  return { reader, reasoner, bull, bear, judge }
}

/** Why a value is no model for the Analyst; undefined where it is one. */
export function modelMistake(model: unknown): string | undefined {
  const wanted = "give a model object of the AI SDK 7, such as withSwarmEconomics(openai('gpt-5-mini'))"
  if (isModel(model)) return undefined
  if (typeof model !== 'object' || model === null) return `it is ${JSON.stringify(model) ?? typeof model}; ${wanted}`
  const parts = model as Readonly<Record<string, unknown>>
  for (const [part, given] of Object.entries(parts)) {
    if (!(partNames as readonly string[]).includes(part))
      return `it has "${part}", and the parts are ${partNames.join(', ')}; or ${wanted}`
    if (!isModel(given)) return `the ${part} is no model; ${wanted}`
  }
  const missing = (['reader', 'reasoner'] as const).find((part) => parts[part] === undefined)
  return missing === undefined ? undefined : `it names no ${missing}; name both reader and reasoner, or ${wanted}`
}

const partNames = ['reader', 'reasoner', 'bull', 'bear', 'judge'] as const

function isCast(model: AnalystModel): model is ModelCast {
  return !isModel(model)
}

function isModel(value: unknown): value is LanguageModelV4 {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as Partial<LanguageModelV4>).specificationVersion === 'v4' &&
    typeof (value as Partial<LanguageModelV4>).doGenerate === 'function'
  )
}
