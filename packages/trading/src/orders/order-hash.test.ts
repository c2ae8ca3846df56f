import { canonicalJson, sha256Hex } from '@tradeswarm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderHash } from './order-hash.js'
import type { OrderRequest } from './order-request.js'

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('paper', 'a"b', 'a\\b', 'é', ' ', '~'),
)
const request = fc.record(
  {
    type: fc.oneof(text, fc.constant('market')),
    timeInForce: fc.oneof(text, fc.constant('day')),
    symbol: text,
    side: fc.oneof(text, fc.constantFrom('buy', 'sell', 'constructor')),
    reduceOnly: fc.boolean(),
    quantity: text,
    clientOrderId: text,
    account: text,
    limitPrice: text,
    stopPrice: text,
    postOnly: fc.constant(true),
    expiresAt: fc.nat(),
  },
  { requiredKeys: ['type', 'timeInForce', 'symbol', 'side', 'reduceOnly', 'quantity', 'clientOrderId', 'account'] },
) as fc.Arbitrary<object> as fc.Arbitrary<OrderRequest>

test('the hash of an order is that of the canonical JSON of all its fields, whatever their order', () => {
  fc.assert(
    fc.property(request, (given) => {
      const expected = sha256Hex(canonicalJson(given))
      expect(orderHash(given)).toBe(expected)
      expect(orderHash(Object.fromEntries(Object.entries(given).reverse()) as OrderRequest)).toBe(expected)
    }),
    { numRuns: 1000 },
  )
})

test('a field that is undefined is none', () => {
  const plain = {
    account: 'paper',
    clientOrderId: 'a',
    quantity: '1',
    reduceOnly: false,
    side: 'buy',
    symbol: 'AAA',
    timeInForce: 'day',
    type: 'limit',
    limitPrice: '2',
  } as const
  for (const stopPrice of [undefined, '1'])
    expect(orderHash({ ...plain, stopPrice } as OrderRequest)).toBe(sha256Hex(canonicalJson({ ...plain, stopPrice })))
  const { limitPrice: _, ...market } = plain
  expect(orderHash({ ...market, stopPrice: '1' })).toBe(sha256Hex(canonicalJson({ ...market, stopPrice: '1' })))
})

test('what is no text is hashed as what it is', () => {
  const request = {
    account: 'paper',
    clientOrderId: 'a',
    quantity: '1',
    reduceOnly: false,
    side: 'buy',
    symbol: 'AAA',
    timeInForce: 'day',
    type: 'market',
  } as const
  for (const field of Object.keys(request)) {
    const given = { ...request, [field]: 5 } as unknown as OrderRequest
    expect(orderHash(given)).toBe(sha256Hex(canonicalJson(given)))
  }
})

test('an order as most are is hashed as canonical JSON, whichever way it goes', () => {
  for (const side of ['buy', 'sell'] as const)
    for (const reduceOnly of [true, false])
      for (const terms of [{ type: 'market' }, { type: 'limit', limitPrice: '12.5' }] as const)
        for (const timeInForce of ['day', 'gtc'] as const) {
          const plain = { account: 'paper', clientOrderId: 'a1', quantity: '1', symbol: 'AAA' }
          const given: OrderRequest = { ...plain, side, reduceOnly, timeInForce, ...terms }
          expect(orderHash(given)).toBe(sha256Hex(canonicalJson(given)))
        }
})
