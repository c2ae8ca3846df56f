import { defineBatchTask } from '@tradeswarm/llm'
import type { z } from 'zod'
import type { FormOpinions } from '../messages/model-messages.js'
import type { Asked } from './ask-each.js'
import type { Brief } from './brief.js'
import { checkOpinion } from './check-opinion.js'
import { createAnswerCounter } from './count-faults.js'
import { createDebate, type Debate } from './hold-debate.js'
import { costOf, type ModelDesk, partsOf } from './model-desk.js'
import type { ModelStatistics } from './model-statistics.js'
import type { Opinion } from './opinion.js'
import { analystPrompts } from './prompts/prompts.js'

type OpinionAnswer = z.input<(typeof FormOpinions)['output']>

/** A brief with the debate about it, where there was one. */
type Debated = { readonly brief: Brief; readonly debate: Debate | undefined }
type Judged = Debated & { readonly part: 'reasoner' | 'judge'; readonly asked: Asked<Opinion> | undefined }

/** Forms opinions on briefs, after a debate where there is to be one, and lets none through that is not sound. */
export type OpinionReasoner = {
  form(sessionDate: string, briefs: readonly Brief[]): Promise<OpinionAnswer>
  statistics(): Pick<ModelStatistics, 'opinions' | 'debates'>
}

/** Throws `MODEL_PRICE_UNKNOWN` where a debate's money could not be bounded. */
export function createReasoner(desk: ModelDesk): OpinionReasoner {
  const { call, debate: terms } = desk.config
  const counter = createAnswerCounter()
  const debates = { held: 0, cutShort: 0 }
  const askReasoner = desk.asking('reasoner', reasonerTask(call))
  const askJudge = desk.asking('judge', judgeTask(call))
  const holdDebate = terms === undefined ? undefined : createDebate(desk, terms)

  async function judgeAll(epoch: string, briefs: readonly Brief[], signal: AbortSignal): Promise<readonly Judged[]> {
    const request = () => ({ context: { agent: 'analyst', epoch }, signal })
    const held = await holdDebate?.(briefs, epoch, signal)
    if (held !== undefined) debates.held += 1
    if (held?.isCutShort === true) debates.cutShort += 1
    const all = briefs.map((brief): Debated => ({ brief, debate: held?.debates.get(brief.symbol) }))
    const debated = all.filter(({ debate }) => debate !== undefined)
    const plain = all.filter(({ debate }) => debate === undefined)
    const [byJudge, byReasoner] = await Promise.all([
      askJudge(debated, request),
      askReasoner(
        plain.map(({ brief }) => brief),
        request,
      ),
    ])
    return [
      ...debated.map((one, index): Judged => ({ ...one, part: 'judge', asked: byJudge[index] })),
      ...plain.map((one, index): Judged => ({ ...one, part: 'reasoner', asked: byReasoner[index] })),
    ]
  }

  return {
    async form(sessionDate, briefs) {
      counter.ask(briefs.length)
      const { result, usd } = await desk.within((signal) => judgeAll(sessionDate, briefs, signal))
      const opinions: OpinionAnswer['opinions'] = []
      const rejected: OpinionAnswer['rejected'] = []
      for (const { brief, debate, part, asked } of result) {
        const checked = check(brief, asked)
        if ('fault' in checked) {
          counter.reject(checked.fault)
          rejected.push({ symbol: brief.symbol, part, fault: checked.fault })
          continue
        }
        counter.accept()
        const sides = (['bull', 'bear'] as const).filter((side) => debate?.[side] !== undefined)
        const uses = [...sides, part].map(desk.useOf)
        opinions.push({ opinion: checked.answer, uses, ...(debate === undefined ? {} : { debate }) })
      }
      return { opinions, rejected, ...costOf({ usd }) }
    },
    statistics: () => ({ opinions: counter.counts(), debates: { ...debates } }),
  }
}

function check(brief: Brief, asked: Asked<Opinion> | undefined): Asked<Opinion> {
  if (asked === undefined) return { fault: 'failed' }
  if ('fault' in asked) return asked
  const fault = checkOpinion(brief, asked.answer)
  return fault === undefined ? asked : { fault }
}

function reasonerTask(call: ModelDesk['config']['call']) {
  return defineBatchTask<Brief, Opinion>({
    ...partsOf(analystPrompts.reasoner),
    item: (brief) => brief,
    trust: 'trusted',
    call,
  })
}

function judgeTask(call: ModelDesk['config']['call']) {
  return defineBatchTask<Debated, Opinion>({
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
