import { type ClockAndTimers, SwarmError } from '@tradeswarm/core'
import type { AlpacaOrder } from './parse-order.js'
import type { TradingClient } from './trading-client.js'

export type LookUp = {
  readonly waitsMs: readonly number[]
  readonly clock: ClockAndTimers
  readonly client: TradingClient
}

/**
 * The order that a request has made. Where its answer does not tell, the order is looked up by its client order id; that it is not found is no
 * proof for a while. Throws what the request threw where that is a definite no, else `ORDER_OUTCOME_UNKNOWN`.
 */
export async function outcomeOf(
  sending: Promise<AlpacaOrder>,
  clientOrderId: string,
  { waitsMs, clock, client }: LookUp,
): Promise<AlpacaOrder> {
  try {
    return await sending
  } catch (thrown) {
    if (!SwarmError.isInstance(thrown) || thrown.retryability !== 'unknown-outcome') throw thrown
    for (const waitMs of waitsMs) {
      await new Promise<void>((resolve) => void clock.at(clock.now() + waitMs, resolve))
      const found = await client.orderByClientId(clientOrderId).catch(() => undefined)
      if (found !== undefined) return found
    }
    throw new SwarmError({
      code: 'ORDER_OUTCOME_UNKNOWN',
      message: `nobody knows whether order ${clientOrderId} reached Alpaca: ${thrown.message}; it was looked up ${waitsMs.length} times without being found`,
      retryability: 'unknown-outcome',
      context: { clientOrderId, because: thrown.code },
    })
  }
}
