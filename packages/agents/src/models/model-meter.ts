import type { LanguageModelV4, LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { costOf, createPriceTable, type ModelPrice } from '@tradeswarm/llm'
import { type Decimal, decimal, decimalText } from '@tradeswarm/trading'

/** A right answer, for a full batch, is far shorter. */
const longestAnswer = 200_000

/** What some calls cost: `undefined` where one of them had no price. */
export type Spent = { readonly usd: Decimal | undefined }

/** Counts calls, tokens and money of models, and lets no answer through that calls a tool or is out of all proportion. */
export type ModelMeter = {
  /** The model with the meter in its way. */
  around(model: LanguageModelV4): LanguageModelV4
  /** Runs `work` and tells what was spent meanwhile. Works run one after the other. */
  measure<T>(work: () => Promise<T>): Promise<{ readonly result: T } & Spent>
  /** The id of the model that answered last, behind a given one: a fallback may have. */
  answeredBy(model: LanguageModelV4): string
  totals(): {
    readonly calls: number
    readonly tokens: { readonly input: number; readonly output: number }
    readonly costUsd: string
    readonly unpriced: number
    readonly toolCalls: number
    readonly oversized: number
  }
}

/** `onUnpriced` is told once of each model without a price. Throws `INVALID_OPTION` and `INVALID_DECIMAL` for prices that are none. */
export function createModelMeter(
  ownPrices: Readonly<Record<string, ModelPrice>>,
  onUnpriced: (modelId: string) => void,
): ModelMeter {
  const prices = createPriceTable(ownPrices)
  const zero = decimal('0')
  const counts = { calls: 0, unpriced: 0, toolCalls: 0, oversized: 0 }
  const tokens = { input: 0, output: 0 }
  const unpriced = new Set<string>()
  const answered = new Map<LanguageModelV4, string>()
  let usd = zero
  let queue: Promise<unknown> = Promise.resolve()

  const bill = (model: LanguageModelV4, { usage, response }: LanguageModelV4GenerateResult): void => {
    const id = response?.modelId ?? model.modelId
    answered.set(model, id)
    tokens.input += usage.inputTokens.total ?? 0
    tokens.output += usage.outputTokens.total ?? 0
    const priced = prices.has(id) ? id : model.modelId
    const cost = prices.has(priced) ? costOf(prices.of(priced), usage) : undefined
    if (cost !== undefined) {
      usd = usd.plus(cost)
      return
    }
    counts.unpriced += 1
    if (unpriced.has(id)) return
    unpriced.add(id)
    onUnpriced(id)
  }

  /** An answer that calls a tool, or is longer than any right one, is none: nothing of it is read. */
  const screened = (result: LanguageModelV4GenerateResult): LanguageModelV4GenerateResult => {
    let length = 0
    let callsTool = false
    for (const piece of result.content) {
      if (piece.type === 'text') length += piece.text.length
      callsTool ||= piece.type.startsWith('tool-')
    }
    if (callsTool) counts.toolCalls += 1
    if (length > longestAnswer) counts.oversized += 1
    if (!callsTool && length <= longestAnswer) return result
    const { structuredOutputText: _, ...rest } = result
    return { ...rest, content: [] }
  }

  return {
    around: (model) => ({
      specificationVersion: 'v4',
      provider: model.provider,
      modelId: model.modelId,
      get supportedUrls() {
        return model.supportedUrls
      },
      async doGenerate(options) {
        counts.calls += 1
        const result = await model.doGenerate(options)
        bill(model, result)
        return screened(result)
      },
      doStream: (options) => model.doStream(options),
    }),
    measure(work) {
      const run = async () => {
        const [before, unpriced] = [usd, counts.unpriced]
        const result = await work()
        return { result, usd: counts.unpriced > unpriced ? undefined : usd.minus(before) }
      }
      const measured = queue.then(run, run)
      queue = measured.catch(() => undefined)
      return measured
    },
    answeredBy: (model) => answered.get(model) ?? model.modelId,
    totals: () => ({ ...counts, tokens: { ...tokens }, costUsd: decimalText(usd) }),
  }
}
