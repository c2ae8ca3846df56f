import type { Service, ServiceHost } from '@tradeswarm/core'
import { FormOpinions, ReadPosts } from '../messages/model-messages.js'
import type { AnalystModel } from '../models/analyst-model.js'
import type { AnalystModelConfig } from '../models/analyst-model-config.js'
import type { AnalystModels } from '../models/analyst-models.js'
import type { ModelStatistics } from '../models/model-statistics.js'

export type ModelServiceOptions = {
  readonly model: AnalystModel
  readonly config: AnalystModelConfig
  /** The untrusted text behind a hash. */
  readonly textOf: (hash: string) => Promise<string | undefined>
  readonly isRealTime: boolean
}

export type ModelService = Service & {
  /** Undefined before the start. */
  statistics(): ModelStatistics | undefined
}

/**
 * Asks the models, for the Analyst alone. The texts of posts are read here and go to the reader model; no agent and no message holds them.
 * What the middleware of models consists of is loaded with the start, and only by swarms that have a model.
 */
export function createModelService(options: ModelServiceOptions): ModelService {
  let models: AnalystModels | undefined

  const open = async (host: ServiceHost): Promise<AnalystModels> => {
    const { createAnalystModels } = await import('../models/analyst-models.js')
    const { model, config, isRealTime } = options
    return createAnalystModels({
      model,
      config,
      isRealTime,
      clock: host.clock,
      random: host.random,
      logger: host.logger,
    })
  }

  return {
    name: 'models',
    responds: [ReadPosts, FormOpinions],
    async start(host) {
      const opened = await open(host)
      models = opened
      host.respond(ReadPosts, async ({ posts }) => {
        const texts = await Promise.all(posts.map(({ textHash }) => options.textOf(textHash)))
        return opened.readPosts(
          posts.map(({ symbol, source, id }, index) => ({ symbol, source, id, text: texts[index] })),
        )
      })
      host.respond(FormOpinions, ({ sessionDate, briefs }) => opened.formOpinions(sessionDate, briefs))
    },
    async stop() {},
    statistics: () => models?.statistics(),
  }
}
