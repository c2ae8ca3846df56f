import type { OrderRequest } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { unknownWord } from './order-words.js'

const request: OrderRequest = {
  account: 'a',
  clientOrderId: 'one',
  symbol: 'BTC-USDT',
  side: 'buy',
  type: 'market',
  quantity: '1',
  timeInForce: 'gtc',
  reduceOnly: false,
}

test.each([
  ['sizedIn', 'qoute', 'INVALID_ORDER'],
  ['timeInForce', 'IOC', 'UNSUPPORTED_TIME_IN_FORCE'],
  ['type', 'marcket', 'UNSUPPORTED_ORDER_TYPE'],
  ['side', 'long', 'INVALID_ORDER'],
])('%s: %s is refused, and never taken for something else', (field, word, code) => {
  const fault = unknownWord({ ...request, [field]: word } as OrderRequest)
  expect(fault).toMatchObject({ code })
  expect(fault?.message).toContain(`${field}: there is no "${word}"; there are: `)
})

test('words that there are pass', () => {
  expect(unknownWord(request)).toBeUndefined()
  expect(unknownWord({ ...request, sizedIn: 'quote' })).toBeUndefined()
})
