import {
  APICallError,
  type LanguageModelV4Middleware,
  type LanguageModelV4StreamPart,
  type LanguageModelV4Usage,
} from '@ai-sdk/provider'
import type { Decimal } from '@tradeswarm/trading'
import { contextOf } from '../call-context.js'
import { costOf, worstCost } from '../prices/model-price.js'
import type { PriceTable } from '../prices/price-table.js'
import type { Budget, Reservation } from './budget.js'

/**
 * Lets a call out only with money set aside for its worst case, and books what it cost. A call that the provider refused costs nothing; one
 * of which nobody knows how it ended, such as a stream that broke, counts at its worst.
 */
export function budgetMiddleware(budget: Budget, prices: PriceTable): LanguageModelV4Middleware {
  return {
    specificationVersion: 'v4',

    async wrapGenerate({ doGenerate, params, model }) {
      const price = prices.of(model.modelId)
      const worst = worstCost(price, params)
      const reservation = await budget.reserve(worst, contextOf(params))
      try {
        const result = await doGenerate()
        reservation.settle(costOf(price, result.usage) ?? worst)
        return result
      } catch (error) {
        settleFailure(reservation, worst, error)
        throw error
      }
    },

    async wrapStream({ doStream, params, model }) {
      const price = prices.of(model.modelId)
      const worst = worstCost(price, params)
      const reservation = await budget.reserve(worst, contextOf(params))
      try {
        const { stream, ...about } = await doStream()
        const settle = (usage?: LanguageModelV4Usage): void =>
          reservation.settle((usage === undefined ? undefined : costOf(price, usage)) ?? worst)
        return { ...about, stream: settledStream(stream, settle) }
      } catch (error) {
        settleFailure(reservation, worst, error)
        throw error
      }
    },
  }
}

/** A refusal with a status is not billed, says each provider; everything else may have been. */
function settleFailure(reservation: Reservation, worst: Decimal, error: unknown): void {
  if (APICallError.isInstance(error) && error.statusCode !== undefined && error.statusCode >= 400) reservation.release()
  else reservation.settle(worst)
}

function settledStream(
  source: ReadableStream<LanguageModelV4StreamPart>,
  settle: (usage?: LanguageModelV4Usage) => void,
): ReadableStream<LanguageModelV4StreamPart> {
  const reader = source.getReader()
  return new ReadableStream({
    async pull(controller) {
      try {
        const next = await reader.read()
        if (next.done) {
          settle()
          controller.close()
          return
        }
        if (next.value.type === 'finish') settle(next.value.usage)
        controller.enqueue(next.value)
      } catch (error) {
        settle()
        controller.error(error)
      }
    },
    async cancel(reason) {
      settle()
      await reader.cancel(reason)
    },
  })
}
