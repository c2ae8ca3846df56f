import type { z } from 'zod'
import type { FormOpinions, ReadPosts } from '../messages/model-messages.js'
import type { Brief } from './brief.js'
import { createReader, type PostToRead } from './create-reader.js'
import { createReasoner } from './create-reasoner.js'
import { createModelDesk, type ModelDeskOptions } from './model-desk.js'
import type { ModelStatistics } from './model-statistics.js'

/** The models of the Analyst: who reads, and who reasons. */
export type AnalystModels = {
  readPosts(posts: readonly PostToRead[]): Promise<z.input<(typeof ReadPosts)['output']>>
  formOpinions(sessionDate: string, briefs: readonly Brief[]): Promise<z.input<(typeof FormOpinions)['output']>>
  statistics(): ModelStatistics
}

/**
 * Puts the models to work. Strangers' text goes to the reader alone, quoted, as data of a call that has no tools; what comes back are words
 * from fixed lists and bounded numbers. Throws `MODEL_PRICE_UNKNOWN`, `INVALID_OPTION`.
 */
export function createAnalystModels(options: ModelDeskOptions): AnalystModels {
  const desk = createModelDesk(options)
  const reader = createReader(desk)
  const reasoner = createReasoner(desk)
  return {
    readPosts: reader.read,
    formOpinions: reasoner.form,
    statistics: () => ({ ...desk.meter.totals(), posts: reader.counts(), ...reasoner.statistics() }),
  }
}
