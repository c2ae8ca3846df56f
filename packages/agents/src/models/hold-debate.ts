import type { LanguageModelV4 } from '@ai-sdk/provider'
import {
  type Batcher,
  type Budget,
  budgetMiddleware,
  createBatcher,
  createBudget,
  createPriceTable,
  defineBatchTask,
  type PriceTable,
} from '@tradeswarm/llm'
import type { AnalystModelConfig } from './analyst-model-config.js'
import type { Argument } from './argument.js'
import { askEach, windowClosedByHand } from './ask-each.js'
import type { Brief } from './brief.js'
import { type ModelDesk, partsOf } from './model-desk.js'
import { analystPrompts } from './prompts/prompts.js'

/** The cases of both sides about one symbol, as they stood in the end. */
export type Debate = { readonly rounds: number; readonly bull?: Argument; readonly bear?: Argument }

type Item = { readonly brief: Brief; readonly other: Argument | undefined }

/**
 * Has both sides speak about each brief, for so many rounds and so much money. What they hand on are sections and numbers. Never rejects: a
 * side whose model failed or whose money is used up is silent. Throws `MODEL_PRICE_UNKNOWN` for a model that no budget can be kept for.
 */
export function createDebate(desk: ModelDesk, terms: NonNullable<AnalystModelConfig['debate']>) {
  const { clock, meter, config, cast, concurrency } = desk
  const random = desk.random.fork('debate')
  const budget = createBudget({ usdPerDay: terms.usdPerDay, clock })
  const prices = createPriceTable(config.prices)
  const sides = (['bull', 'bear'] as const).map((side) => {
    const model = cast[side]
    prices.of(model.modelId)
    const batcher: Batcher = createBatcher({
      model: meter.around(withinBudget(model, budget, prices)),
      clock: windowClosedByHand,
      random: random.fork(side),
      concurrency,
    })
    const task = defineBatchTask<Item, Argument>({
      ...partsOf(analystPrompts[side]),
      item: ({ brief, other }) => (other === undefined ? { brief } : { brief, other }),
      trust: 'trusted',
      call: config.call,
    })
    return { side, batcher, task }
  })

  return async function holdDebate(
    briefs: readonly Brief[],
    epoch: string,
    signal: AbortSignal,
  ): Promise<{ readonly debates: ReadonlyMap<string, Debate>; readonly isCutShort: boolean }> {
    let debates = new Map<string, Debate>()
    let isCutShort = false
    for (let round = 1; round <= terms.rounds && !isCutShort; round += 1) {
      const spoken = await Promise.all(
        sides.map(async ({ side, batcher, task }) => {
          const opponent = side === 'bull' ? 'bear' : 'bull'
          const items = briefs.map((brief) => ({ brief, other: debates.get(brief.symbol)?.[opponent] }))
          const context = { agent: 'analyst', epoch }
          return {
            side,
            answers: await askEach(
              batcher,
              task,
              items,
              () => ({ context, signal }),
              (code) => desk.told(side, code),
            ),
          }
        }),
      )
      const next = new Map<string, Debate>()
      for (const [index, { symbol }] of briefs.entries()) {
        const debate: { rounds: number; bull?: Argument; bear?: Argument } = { ...debates.get(symbol), rounds: round }
        for (const { side, answers } of spoken) {
          const said = answers[index]
          if (said !== undefined && 'answer' in said) debate[side] = soundArgument(briefs[index], said.answer)
          else if (said?.fault === 'over-budget' || said?.fault === 'late') isCutShort = true
        }
        if (debate.bull !== undefined || debate.bear !== undefined) next.set(symbol, debate)
      }
      debates = next
    }
    return { debates, isCutShort }
  }
}

/** The model, with money set aside before each call. */
function withinBudget(model: LanguageModelV4, budget: Budget, prices: PriceTable): LanguageModelV4 {
  const { wrapGenerate } = budgetMiddleware(budget, prices)
  return {
    specificationVersion: 'v4',
    provider: model.provider,
    modelId: model.modelId,
    get supportedUrls() {
      return model.supportedUrls
    },
    async doGenerate(params) {
      const [doGenerate, doStream] = [() => model.doGenerate(params), () => model.doStream(params)]
      return (await wrapGenerate?.({ doGenerate, doStream, params, model })) ?? doGenerate()
    },
    doStream: (params) => model.doStream(params),
  }
}

/** A case without points that rest on what is not there, and each section once. */
function soundArgument(brief: Brief | undefined, { points, conviction }: Argument): Argument {
  const seen = new Set<string>()
  const sound = points.filter(({ evidence }) => {
    const value = brief?.[evidence]
    const isThere = value !== undefined && !(Array.isArray(value) && value.length === 0)
    return isThere && !seen.has(evidence) && seen.add(evidence)
  })
  return { points: sound, conviction }
}
