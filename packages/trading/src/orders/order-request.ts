import type { EpochMs } from '@tradeswarm/core'
import type { ExecutionPlan } from './execution/execution-plan.js'

/** Which way an order goes. */
export type Side = 'buy' | 'sell'
/**
 * `stop` turns into a market order when its price is reached, `stop-limit` into a limit order; a `trailing-stop` is a stop whose
 * level follows the best price seen since it rests. `oco` is a target and a stop in one order, of which one cancels the other: it leaves a
 * position at its `limitPrice`, or at the market once its `stopPrice` is reached, and what either executes is executed of both.
 */
export type OrderType = 'market' | 'limit' | 'stop' | 'stop-limit' | 'trailing-stop' | 'oco'
/** What an intent may ask for: the exits of a position are one order only by the kernel's own hand. */
export type IntentOrderType = Exclude<OrderType, 'oco'>
/**
 * `day` ends at the close of the session in which it can first trade; `gtc` rests until cancelled; `gtd` until its `expiresAt`;
 * `ioc` trades at once what it can and ends; `fok` trades at once in full or not at all; `at-open` and `at-close` trade in that
 * auction alone.
 */
export type TimeInForce = 'day' | 'gtc' | 'gtd' | 'ioc' | 'fok' | 'at-open' | 'at-close'

/** The terms of an order, of whoever wants it. Amounts are decimal texts. */
export type OrderTerms = {
  readonly symbol: string
  readonly side: Side
  readonly type: OrderType
  /** Units; with `sizedIn: 'quote'` an amount of the currency that is to be spent or taken in. */
  readonly quantity: string
  readonly sizedIn?: 'quote'
  /** For `limit`, `stop-limit` and `oco`. */
  readonly limitPrice?: string
  /** For `stop`, `stop-limit` and `oco`: what sets it off. For a `trailing-stop` the level that it starts at, where one is wanted. */
  readonly stopPrice?: string
  /** For `trailing-stop`, one of both: how far behind the best price its level is, in the currency or as a fraction of that price. */
  readonly trailAmount?: string
  readonly trailFraction?: string
  readonly timeInForce: TimeInForce
  /** For `gtd`. */
  readonly expiresAt?: EpochMs
  /** Only ever rests: a limit order that would trade on arrival is refused by the venue instead. */
  readonly postOnly?: true
}

/** What goes over the wire, already on the instrument's grid. The permit is bound to the hash of this. */
export type OrderRequest = OrderTerms & {
  readonly account: string
  readonly clientOrderId: string
  /** The venue must not let this order open or enlarge a position. */
  readonly reduceOnly: boolean
}

/** The request of an intent's order. Its keys come in alphabetical order, as canonical JSON has them. */
export function orderRequest(
  intent: OrderTerms & { readonly account: string },
  clientOrderId: string,
  reduceOnly: boolean,
): OrderRequest {
  const { account, sizedIn, limitPrice, stopPrice, trailAmount, trailFraction, expiresAt, postOnly } = intent
  if (intent.type === 'market' && sizedIn === undefined && expiresAt === undefined && hasNoPrice(intent)) {
    // In one piece: an object that grows field by field is moved on its way.
    return {
      account,
      clientOrderId,
      quantity: intent.quantity,
      reduceOnly,
      side: intent.side,
      symbol: intent.symbol,
      timeInForce: intent.timeInForce,
      type: 'market',
    }
  }
  const request: { -readonly [Key in keyof OrderRequest]?: OrderRequest[Key] } = { account, clientOrderId }
  if (expiresAt !== undefined) request.expiresAt = expiresAt
  if (limitPrice !== undefined) request.limitPrice = limitPrice
  if (postOnly !== undefined) request.postOnly = postOnly
  request.quantity = intent.quantity
  request.reduceOnly = reduceOnly
  request.side = intent.side
  if (sizedIn !== undefined) request.sizedIn = sizedIn
  if (stopPrice !== undefined) request.stopPrice = stopPrice
  request.symbol = intent.symbol
  request.timeInForce = intent.timeInForce
  if (trailAmount !== undefined) request.trailAmount = trailAmount
  if (trailFraction !== undefined) request.trailFraction = trailFraction
  request.type = intent.type
  return request as OrderRequest
}

function hasNoPrice({ limitPrice, postOnly, stopPrice, trailAmount, trailFraction }: OrderTerms): boolean {
  return (
    limitPrice === undefined &&
    postOnly === undefined &&
    stopPrice === undefined &&
    trailAmount === undefined &&
    trailFraction === undefined
  )
}

/** How a position that an intent opens is to be left. Levels are absolute prices. */
export type ExitPlan = {
  readonly stopPrice: string
  readonly targetPrice: string
  /** Sold at the first open after this many sessions held. */
  readonly maximumSessions: number
  /** The stop follows the best price since the entry, so far behind it (one of both), and never loosens. */
  readonly trailAmount?: string
  readonly trailFraction?: string
  /** Once the price has reached this, the stop is at least at the average entry price. */
  readonly breakEvenPrice?: string
}

/** Ties intents together. */
export type Contingency =
  /** Of the orders of one group, any fill of one cancels the others. */
  | { readonly type: 'one-cancels-other'; readonly group: string }
  /** Waits, permitted and reserved, until the order of `intentId` has filled in full; is withdrawn when that ends otherwise. */
  | { readonly type: 'one-triggers-other'; readonly intentId: string }

/**
 * What an agent wants: it becomes an order only by the order manager, with a permit.
 * The same `intentId` asked twice is answered with the first answer.
 */
export type OrderIntent = OrderTerms & {
  readonly type: IntentOrderType
  readonly intentId: string
  readonly account: string
  /** The id of the agent that decided, and the strategy it acted for. */
  readonly agent: string
  readonly strategy: string
  /** An intent to reduce needs none; an intent that opens must carry one. */
  readonly exits?: ExitPlan
  /**
   * It may only leave what is held, and is denied where that is less: for an agent that leaves a position which its stop may have left by
   * then. Without it an order of the other side, on an account that may be short, enters what is no longer there.
   */
  readonly reduceOnly?: true
  readonly contingency?: Contingency
  /** It is worked in parts, and is `gtd`; what is not done by `expiresAt` is withdrawn. An exit by `twap` or `participation` alone. Absent: sent as it is. */
  readonly execution?: ExecutionPlan
  readonly decidedAt: EpochMs
  /** The message that the decision rests on, and the chain it belongs to. */
  readonly causationId: string
  readonly correlationId: string
}
