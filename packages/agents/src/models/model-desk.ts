import type { LanguageModelV4 } from '@ai-sdk/provider'
import { type ClockAndTimers, type Logger, type Random, SwarmError } from '@tradeswarm/core'
import { type Batcher, type BatchRequest, type BatchTask, createBatcher } from '@tradeswarm/llm'
import { decimalText } from '@tradeswarm/trading'
import type { z } from 'zod'
import type { modelUse } from '../messages/model-messages.js'
import { type AnalystModel, castOf } from './analyst-model.js'
import type { AnalystModelConfig } from './analyst-model-config.js'
import { type Asked, askEach, windowClosedByHand } from './ask-each.js'
import { createModelMeter, type ModelMeter, type Spent } from './model-meter.js'
import { type ModelPart, type Prompt, promptId } from './prompts/prompt.js'
import { analystPrompts } from './prompts/prompts.js'

export type ModelDeskOptions = {
  readonly model: AnalystModel
  readonly config: AnalystModelConfig
  readonly clock: ClockAndTimers
  readonly random: Random
  readonly logger: Logger
  /** In virtual time nothing is late. */
  readonly isRealTime: boolean
}

/** Where models are asked: each by its part, metered, in batches, within the deadline. */
export type ModelDesk = Pick<ModelDeskOptions, 'config' | 'clock' | 'random'> & {
  readonly cast: Readonly<Record<ModelPart, LanguageModelV4>>
  readonly meter: ModelMeter
  /** Calls at once. */
  readonly concurrency: number
  /** What asks the model of a part about items of a task. */
  asking<Item, Answer>(
    part: ModelPart,
    task: BatchTask<Item, Answer>,
  ): (items: readonly Item[], requestFor: (item: Item) => BatchRequest) => Promise<readonly Asked<Answer>[]>
  /** Runs work whose signal fires at the deadline, and tells what it cost. Works run one after the other. */
  within<T>(work: (signal: AbortSignal) => Promise<T>): Promise<{ readonly result: T } & Spent>
  /** Which model played a part, and by which prompt. */
  useOf(part: ModelPart): z.output<typeof modelUse>
  /** Logs the code of a failure. */
  told(part: ModelPart, code: string): void
}

/** Throws `INVALID_OPTION` and `INVALID_DECIMAL` for prices that are none. */
export function createModelDesk(options: ModelDeskOptions): ModelDesk {
  const { config, clock, random, logger, isRealTime } = options
  const cast = castOf(options.model)
  const meter = createModelMeter(config.prices, (model) =>
    logger.warn('what a model without a price costs is not counted: give its price under config.analyst.model.prices', {
      model,
    }),
  )
  // One after the other where a run is to be repeated: ids of items that are asked again are drawn in the order of the answers.
  const concurrency = isRealTime ? 4 : 1
  const told = (part: ModelPart, code: string): void => logger.warn('a model gave no answer', { part, code })

  async function untilDeadline<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const closing = new AbortController()
    if (!isRealTime) return work(closing.signal)
    const late = new SwarmError({ code: 'ANALYST_DEADLINE', message: `no answer within ${config.deadlineMs} ms` })
    const cancel = clock.at(clock.now() + config.deadlineMs, () => closing.abort(late))
    try {
      return await work(closing.signal)
    } finally {
      cancel()
    }
  }

  return {
    config,
    clock,
    random,
    cast,
    meter,
    concurrency,
    told,
    asking(part, task) {
      const model = meter.around(cast[part])
      const batcher: Batcher = createBatcher({
        model,
        clock: windowClosedByHand,
        random: random.fork(part),
        concurrency,
      })
      return (items, requestFor) => askEach(batcher, task, items, requestFor, (code) => told(part, code))
    },
    within: (work) => meter.measure(() => untilDeadline(work)),
    useOf: (part) => ({
      part,
      model: `${cast[part].provider}:${meter.answeredBy(cast[part])}`.slice(0, 200),
      prompt: promptId(analystPrompts[part]),
    }),
  }
}

/** A cost as messages have it; absent where it is not known. */
export function costOf({ usd }: Spent): { costUsd?: string } {
  return usd === undefined ? {} : { costUsd: decimalText(usd) }
}

/** What a prompt gives to its task. */
export function partsOf<Answer>({ part, version, schema, instructions }: Prompt<Answer>) {
  return { name: part, version, schema, instructions }
}
