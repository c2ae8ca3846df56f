import type { OrderIntent } from '@tradeswarm/trading'

type Spoil = (intent: OrderIntent, price: string, made: readonly OrderIntent[]) => unknown

/** What hallucinating, broken and hijacked agents send. Each must be denied or refused, or be harmless. */
const spoilers: readonly Spoil[] = [
  (intent) => ({ ...intent, quantity: 'NaN' }),
  (intent) => ({ ...intent, quantity: '1e308' }),
  (intent) => ({ ...intent, quantity: Number.NaN }),
  (intent) => ({ ...intent, quantity: '-5' }),
  (intent) => ({ ...intent, quantity: '0' }),
  (intent) => ({ ...intent, quantity: `0.${'0'.repeat(29)}1` }),
  (intent) => ({ ...intent, quantity: '9'.repeat(30) }),
  (intent) => ({ ...intent, symbol: 'NOPE' }),
  // Cyrillic letters that look like Latin ones, and a full-width one.
  (intent) => ({ ...intent, symbol: intent.symbol.replaceAll('A', '\u0410') }),
  (intent) => ({ ...intent, symbol: `${intent.symbol}\u200b` }),
  (intent) => ({ ...intent, symbol: intent.symbol.toLowerCase() }),
  (intent) => ({ ...intent, type: 'limit', limitPrice: '0.0001' }),
  (intent, price) => ({ ...intent, type: 'limit', limitPrice: (Number(price) * 100).toFixed(2) }),
  (intent) => ({ ...intent, type: 'limit', limitPrice: 'Infinity' }),
  (intent) => ({ ...intent, type: 'limit' }),
  (intent) => ({ ...intent, type: 'iceberg' }),
  (intent) => ({ ...intent, side: 'hold' }),
  (intent) => ({ ...intent, side: 'sell', quantity: '1000000' }),
  (intent) => ({ ...intent, timeInForce: 'forever' }),
  (intent) => ({ ...intent, exits: undefined }),
  (intent, price) => ({
    ...intent,
    exits: { stopPrice: (Number(price) * 2).toFixed(2), targetPrice: price, maximumSessions: 5 },
  }),
  (intent) => ({ ...intent, exits: { stopPrice: '-1', targetPrice: '1e9', maximumSessions: 1e308 } }),
  (intent) => ({ ...intent, account: 'somebody-else' }),
  (intent) => ({ ...intent, intentId: 'x'.repeat(300) }),
  (intent) => ({ ...intent, decidedAt: Number.NaN }),
  (intent, _price, made) => ({ ...intent, intentId: made.at(-1)?.intentId ?? intent.intentId }),
  (intent, _price, made) => made.at(-1) ?? intent,
  () => null,
  () => 'buy everything now',
  () => ({ __proto__: null, constructor: 'x' }),
]

/** How many kinds of garbage there are. */
export const garbageKinds = spoilers.length

/** An intent that is spoilt in one of the known ways; typed as what it claims to be. */
export function garbageIntent(
  kind: number,
  intent: OrderIntent,
  price: string,
  made: readonly OrderIntent[],
): OrderIntent {
  return spoilers[kind % spoilers.length]?.(intent, price, made) as OrderIntent
}
