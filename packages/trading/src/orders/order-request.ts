import type { EpochMs } from '@tradeswarm/core'

/** Which way an order goes. */
export type Side = 'buy' | 'sell'
/** `stop` turns into a market order when its price is reached. */
export type OrderType = 'market' | 'limit' | 'stop'
/** `day` ends at the close of the session in which it can first trade; `gtc` rests until cancelled; `ioc` trades at once or not. */
export type TimeInForce = 'day' | 'gtc' | 'ioc'

/** What goes over the wire, already on the instrument's grid. Amounts are decimal texts. The permit is bound to the hash of this. */
export type OrderRequest = {
  readonly account: string
  readonly clientOrderId: string
  readonly symbol: string
  readonly side: Side
  readonly type: OrderType
  readonly quantity: string
  /** For `limit`. */
  readonly limitPrice?: string
  /** For `stop`: it turns into a market order when the price reaches this. */
  readonly stopPrice?: string
  readonly timeInForce: TimeInForce
  /** The venue must not let this order open or enlarge a position. */
  readonly reduceOnly: boolean
}

/** How a position that an intent opens is to be left. Levels are absolute prices. */
export type ExitPlan = {
  readonly stopPrice: string
  readonly targetPrice: string
  /** Sold at the first open after this many sessions held. */
  readonly maximumSessions: number
}

/**
 * What an agent wants: it becomes an order only by the order manager, with a permit.
 * The same `intentId` asked twice is answered with the first answer.
 */
export type OrderIntent = {
  readonly intentId: string
  readonly account: string
  /** The id of the agent that decided, and the strategy it acted for. */
  readonly agent: string
  readonly strategy: string
  readonly symbol: string
  readonly side: Side
  readonly type: OrderType
  readonly quantity: string
  readonly limitPrice?: string
  readonly stopPrice?: string
  readonly timeInForce: TimeInForce
  /** An intent to reduce needs none; an intent that opens must carry one. */
  readonly exits?: ExitPlan
  readonly decidedAt: EpochMs
  /** The message that the decision rests on, and the chain it belongs to. */
  readonly causationId: string
  readonly correlationId: string
}
