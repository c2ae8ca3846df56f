import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, zero } from '@tradeswarm/trading'
import type { OkxAlgo, OkxFill, OkxOrder } from './parse-order.js'
import type { TrackedOrder } from './tracked-order.js'
import type { TradingClient } from './trading-client.js'

/** OKX forgets an order that was cancelled without an execution after two hours; ten minutes more, since clocks and words differ. */
export const unfilledForgottenMs = 2 * 3_600_000 + 600_000
/** Any other order that has ended, and an algo order, after three months. */
const allForgottenMs = 93 * 86_400_000

/** What rests in the account, asked for once in a pass. */
export type RestingIds = () => Promise<ReadonlySet<string>>

/** Asks for what rests when it is first needed. */
export function restingIds(client: Pick<TradingClient, 'openOrders' | 'openAlgos'>): RestingIds {
  let asked: Promise<ReadonlySet<string>> | undefined
  const ask = async (): Promise<ReadonlySet<string>> => {
    const [orders, algos] = await Promise.all([client.openOrders(), client.openAlgos()])
    return new Set([...orders, ...algos].map(({ id }) => id))
  }
  return () => {
    asked ??= ask()
    return asked
  }
}

export type ForgottenParts = {
  readonly client: Pick<TradingClient, 'fillsOf'>
  readonly resting: RestingIds
  /** The time of the venue's clock. */
  readonly now: EpochMs
}

/**
 * An order that can no longer be looked up, as it must have ended: cancelled, with what its executions come to. Undefined where it may yet be
 * found: it is too young to be forgotten, or rests.
 */
export async function forgottenOrder(
  known: OkxOrder,
  { client, resting, now }: ForgottenParts,
): Promise<{ readonly order: OkxOrder; readonly fills: readonly OkxFill[] } | undefined> {
  if (now - lastSignOf(known) < unfilledForgottenMs || (await resting()).has(known.id)) return undefined
  const fills = await client.fillsOf(known)
  const executed = largest(decimal(known.filledQuantity), sumOf(fills))
  if (!executed.isZero() && now - lastSignOf(known) < allForgottenMs) return undefined
  const order = { ...known, state: 'canceled', filledQuantity: decimalText(executed), updatedAt: now }
  return { order, fills }
}

/** {@link forgottenOrder}, of what an algo order has become and nobody has seen. */
export function unseenChild({ algo, symbol }: TrackedOrder, id: string): OkxOrder | undefined {
  if (algo === undefined) return undefined
  return {
    kind: 'order',
    id,
    clientOrderId: '',
    symbol,
    isSwap: algo.isSwap,
    side: algo.side,
    type: algo.limitPrice === undefined ? 'market' : 'limit',
    state: 'live',
    quantity: algo.quantity,
    isInQuote: false,
    price: algo.limitPrice,
    filledQuantity: '0',
    averagePrice: undefined,
    cancelSource: '',
    algoId: algo.id,
    algoClientOrderId: algo.clientOrderId,
    tag: algo.tag,
    createdAt: algo.updatedAt,
    updatedAt: algo.updatedAt,
  }
}

/** {@link forgottenOrder}, of an algo order. */
export async function forgottenAlgo(
  known: OkxAlgo,
  { resting, now }: Omit<ForgottenParts, 'client'>,
): Promise<OkxAlgo | undefined> {
  if (known.state !== 'live' || now - lastSignOf(known) < allForgottenMs || (await resting()).has(known.id))
    return undefined
  return { ...known, state: 'canceled', updatedAt: now }
}

/** When it was last known to be there. What is known by the answer to its placement alone has been heard of at 0. */
function lastSignOf({ createdAt, updatedAt }: Pick<OkxOrder, 'createdAt' | 'updatedAt'>): EpochMs {
  return Math.max(createdAt, updatedAt)
}

function sumOf(fills: readonly OkxFill[]): Decimal {
  return fills.reduce((sum, { quantity }) => sum.plus(decimal(quantity)), zero)
}

function largest(one: Decimal, other: Decimal): Decimal {
  return one.gt(other) ? one : other
}
