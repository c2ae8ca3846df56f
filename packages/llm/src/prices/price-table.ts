import { SwarmError } from '@tradeswarm/core'
import { knownPrices } from './known-prices.js'
import { type ModelPrice, type TokenPrices, tokenPrices } from './model-price.js'

/** Prices by model id, such as `gpt-5-mini`. */
export type PriceTable = {
  /** The prices of a model. Throws `MODEL_PRICE_UNKNOWN`: what nobody has a price for cannot be kept in a budget. */
  of(modelId: string): TokenPrices
  has(modelId: string): boolean
}

/** The known prices, with those of the user in their place. Throws `INVALID_OPTION` and `INVALID_DECIMAL`. */
export function createPriceTable(own: Readonly<Record<string, ModelPrice>> = {}): PriceTable {
  const prices = new Map<string, TokenPrices>()
  for (const [model, price] of Object.entries({ ...knownPrices, ...own })) prices.set(model, tokenPrices(model, price))
  return {
    has: (modelId) => prices.has(modelId),
    of(modelId) {
      const price = prices.get(modelId)
      if (price !== undefined) return price
      throw new SwarmError({
        code: 'MODEL_PRICE_UNKNOWN',
        message: `there is no price for the model ${modelId}; give it as prices: { '${modelId}': { input, output, … } }, in dollars for a million tokens`,
        context: { modelId },
      })
    },
  }
}
