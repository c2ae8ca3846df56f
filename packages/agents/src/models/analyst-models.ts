import type { LanguageModelV4 } from '@ai-sdk/provider'
import { type ClockAndTimers, type Logger, type Random, SwarmError } from '@tradeswarm/core'
import { type Batcher, createBatcher, defineBatchTask } from '@tradeswarm/llm'
import { decimalText } from '@tradeswarm/trading'
import type { z } from 'zod'
import type { FormOpinions, modelUse, ReadPosts } from '../messages/model-messages.js'
import { type AnalystModel, castOf } from './analyst-model.js'
import type { AnalystModelConfig } from './analyst-model-config.js'
import { type Asked, askEach, type ModelFaultName, windowClosedByHand } from './ask-each.js'
import type { Brief } from './brief.js'
import { checkOpinion } from './check-opinion.js'
import { createAnswerCounter } from './count-faults.js'
import { createDebate, type Debate } from './hold-debate.js'
import { createModelMeter, type ModelMeter, type Spent } from './model-meter.js'
import type { ModelStatistics } from './model-statistics.js'
import type { Opinion } from './opinion.js'
import { type ModelPart, type Prompt, promptId } from './prompts/prompt.js'
import { analystPrompts } from './prompts/prompts.js'
import { quoteText } from './quote-text.js'
import type { Reading } from './reading.js'

type Use = z.output<typeof modelUse>
type PostToRead = {
  readonly symbol: string
  readonly source: string
  readonly id: string
  /** Undefined where it was erased. */
  readonly text: string | undefined
}

/** The models of the Analyst: who reads, and who reasons. */
export type AnalystModels = {
  readPosts(posts: readonly PostToRead[]): Promise<z.input<(typeof ReadPosts)['output']>>
  formOpinions(sessionDate: string, briefs: readonly Brief[]): Promise<z.input<(typeof FormOpinions)['output']>>
  statistics(): ModelStatistics
}

export type AnalystModelsOptions = {
  readonly model: AnalystModel
  readonly config: AnalystModelConfig
  readonly clock: ClockAndTimers
  readonly random: Random
  readonly logger: Logger
  /** In virtual time nothing is late. */
  readonly isRealTime: boolean
}

/** What is asked of a judge beside the brief. */
type Judged = { readonly brief: Brief; readonly debate: Debate | undefined }

/**
 * Puts the models to work. Strangers' text goes to the reader alone, quoted, as data of a call that has no tools; what comes back are words
 * from fixed lists and bounded numbers. Posts about different symbols never share a call. Throws `MODEL_PRICE_UNKNOWN`, `INVALID_OPTION`.
 */
export function createAnalystModels(options: AnalystModelsOptions): AnalystModels {
  const { config, clock, random } = options
  const cast = castOf(options.model)
  const meter = createModelMeter(config.prices)
  // One after the other where a run is to be repeated: ids of items that are asked again are drawn in the order of the answers.
  const concurrency = options.isRealTime ? 4 : 1
  const batcherOf = (part: ModelPart): Batcher =>
    createBatcher({
      model: meter.around(cast[part]),
      clock: windowClosedByHand,
      random: random.fork(part),
      concurrency,
    })
  const reader = { batcher: batcherOf('reader'), task: readerTask(config.call) }
  const reasoner = { batcher: batcherOf('reasoner'), task: reasonerTask(config.call) }
  const judge = { batcher: batcherOf('judge'), task: judgeTask(config.call) }
  const told = (part: ModelPart, code: string): void =>
    options.logger.warn('a model gave no answer that could be read', { part, code })
  const { debate: terms } = config
  const holdDebate =
    terms === undefined
      ? undefined
      : createDebate({
          terms,
          bull: cast.bull,
          bear: cast.bear,
          call: config.call,
          prices: config.prices,
          meter,
          clock,
          random: random.fork('debate'),
          concurrency,
          told,
        })
  const posts = createAnswerCounter()
  const opinions = createAnswerCounter()
  const debates = { held: 0, cutShort: 0 }
  const useOf = (part: ModelPart): Use => useOfModel(part, cast[part], meter)

  /** In real time whoever is late is not waited for. */
  async function within<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const closing = new AbortController()
    if (!options.isRealTime) return work(closing.signal)
    const late = new SwarmError({ code: 'ANALYST_DEADLINE', message: `no answer within ${config.deadlineMs} ms` })
    const cancel = clock.at(clock.now() + config.deadlineMs, () => closing.abort(late))
    try {
      return await work(closing.signal)
    } finally {
      cancel()
    }
  }

  async function judgeAll(epoch: string, briefs: readonly Brief[], signal: AbortSignal) {
    const context = { agent: 'analyst', epoch }
    const debate = await holdDebate?.(briefs, epoch, signal)
    if (debate !== undefined) debates.held += 1
    if (debate?.isCutShort === true) debates.cutShort += 1
    const debated = briefs.filter(({ symbol }) => debate?.debates.has(symbol) === true)
    const plain = briefs.filter((brief) => !debated.includes(brief))
    const judged = debated.map((brief) => ({ brief, debate: debate?.debates.get(brief.symbol) }))
    const [byJudge, byReasoner] = await Promise.all([
      askEach(
        judge.batcher,
        judge.task,
        judged,
        () => ({ context, signal }),
        (code) => told('judge', code),
      ),
      askEach(
        reasoner.batcher,
        reasoner.task,
        plain,
        () => ({ context, signal }),
        (code) => told('reasoner', code),
      ),
    ])
    return [
      ...judged.map((item, index) => ({ ...item, part: 'judge' as const, asked: byJudge[index] })),
      ...plain.map((brief, index) => ({
        brief,
        debate: undefined,
        part: 'reasoner' as const,
        asked: byReasoner[index],
      })),
    ]
  }

  return {
    async readPosts(toRead) {
      posts.ask(toRead.length)
      const shown = toRead.filter(({ text }) => text !== undefined)
      const { result, usd } = await meter.measure(() =>
        within((signal) =>
          askEach(
            reader.batcher,
            reader.task,
            shown,
            // Without a session: what a post says stays the same, and is not asked again.
            ({ symbol }) => ({ tenant: symbol, context: { agent: 'analyst' }, signal }),
            (code) => told('reader', code),
          ),
        ),
      )
      const readings: z.input<(typeof ReadPosts)['output']>['readings'] = []
      const rejected: z.input<(typeof ReadPosts)['output']>['rejected'] = []
      for (const post of toRead) {
        const { text, ...key } = post
        const asked = text === undefined ? ({ fault: 'text-erased' } as const) : result[shown.indexOf(post)]
        if (asked !== undefined && 'answer' in asked) {
          posts.accept()
          readings.push({ ...key, reading: asked.answer })
        } else {
          const fault = asked?.fault ?? 'failed'
          posts.reject(fault)
          rejected.push({ ...key, fault })
        }
      }
      return { readings, rejected, uses: readings.length === 0 ? [] : [useOf('reader')], ...costOf({ usd }) }
    },

    async formOpinions(sessionDate, briefs) {
      opinions.ask(briefs.length)
      const { result, usd } = await meter.measure(() => within((signal) => judgeAll(sessionDate, briefs, signal)))
      const taken: z.input<(typeof FormOpinions)['output']>['opinions'] = []
      const rejected: z.input<(typeof FormOpinions)['output']>['rejected'] = []
      for (const { brief, debate, part, asked } of result) {
        const checked = check(brief, asked)
        if ('fault' in checked) {
          opinions.reject(checked.fault)
          rejected.push({ symbol: brief.symbol, part, fault: checked.fault })
          continue
        }
        opinions.accept()
        const sides = (['bull', 'bear'] as const).filter((side) => debate?.[side] !== undefined)
        taken.push({
          opinion: checked.answer,
          uses: [...sides, part].map(useOf),
          ...(debate === undefined ? {} : { debate }),
        })
      }
      return { opinions: taken, rejected, ...costOf({ usd }) }
    },

    statistics: () => ({
      ...meter.totals(),
      posts: posts.counts(),
      opinions: opinions.counts(),
      debates: { ...debates },
    }),
  }
}

function check(brief: Brief, asked: Asked<Opinion> | undefined): Asked<Opinion> {
  if (asked === undefined) return { fault: 'failed' }
  if ('fault' in asked) return asked
  const fault: ModelFaultName | undefined = checkOpinion(brief, asked.answer)
  return fault === undefined ? asked : { fault }
}

function costOf({ usd }: Spent): { costUsd?: string } {
  return usd === undefined ? {} : { costUsd: decimalText(usd) }
}

function useOfModel(part: ModelPart, model: LanguageModelV4, meter: ModelMeter): Use {
  return {
    part,
    model: `${model.provider}:${meter.answeredBy(model)}`.slice(0, 200),
    prompt: promptId(analystPrompts[part]),
  }
}

function readerTask(call: AnalystModelConfig['call']) {
  return defineBatchTask<PostToRead, Reading>({
    ...partsOf(analystPrompts.reader),
    // Not who wrote it, where, or under which id: those are strangers' texts too.
    item: ({ symbol, text = '' }) => ({ instrument: symbol, text: quoteText(text) }),
    trust: 'scraped',
    call,
  })
}

function reasonerTask(call: AnalystModelConfig['call']) {
  return defineBatchTask<Brief, Opinion>({
    ...partsOf(analystPrompts.reasoner),
    item: (brief) => brief,
    trust: 'trusted',
    call,
  })
}

function judgeTask(call: AnalystModelConfig['call']) {
  return defineBatchTask<Judged, Opinion>({
    ...partsOf(analystPrompts.judge),
    item: ({ brief, debate }) => ({
      brief,
      ...(debate?.bull === undefined ? {} : { bull: debate.bull }),
      ...(debate?.bear === undefined ? {} : { bear: debate.bear }),
    }),
    trust: 'trusted',
    call,
  })
}

function partsOf<Answer>({ part, version, schema, instructions }: Prompt<Answer>) {
  return { name: part, version, schema, instructions }
}
