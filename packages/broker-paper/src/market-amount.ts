import { SwarmError } from '@tradeswarm/core'
import { type Decimal, decimal, zero } from '@tradeswarm/trading'

/** A price or size that the market tells; undefined for what is no plain decimal number above 0: it fills nothing, and is no reason to fail. */
export function marketAmount(text: string): Decimal | undefined {
  try {
    const amount = decimal(text)
    return amount.gt(zero) ? amount : undefined
  } catch (thrown) {
    if (SwarmError.isInstance(thrown)) return undefined
    throw thrown
  }
}
