import { type decimal, type OrderRequest, one } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { exitsFault } from './exits-fault.js'
import { emptyQuantity, offTick, RefusalWords } from './refusal-words.js'

const order: OrderRequest = {
  account: 'mine',
  clientOrderId: 'one',
  symbol: 'AAPL',
  side: 'buy',
  type: 'limit',
  quantity: '10',
  limitPrice: '9.005',
  timeInForce: 'day',
  reduceOnly: false,
}
const words = new RefusalWords('Venue', {
  remedies: { TOO_DEAR: 'order less', INSUFFICIENT_FUNDS: 'bring money' },
  fields: { TOO_DEAR: ['quantity', 'stopPrice'] },
})

test('a remedy names the values of the order that it is about', () => {
  expect(words.remedy('TOO_DEAR', order)).toBe('quantity: 10: order less')
  expect(words.remedy('TOO_DEAR', undefined)).toBe('order less')
  expect(words.remedy('INSUFFICIENT_FUNDS', order)).toBe('symbol: AAPL, quantity: 10, limitPrice: 9.005: bring money')
  expect(words.remedy('TRADING_HALTED', order)).toBe('wait until the symbol trades again')
  expect(words.remedy('ORDER_NOT_FOUND', order)).toBe('Venue knows no such order')
  expect(words.remedy('NEVER_HEARD', order)).toBe('see what Venue says')
  expect(words.remedy('QUANTITY_PRECISION', order, 'use lots')).toBe('quantity: 10: use lots')
})

test('what the order itself shows is told in place of a remedy of the same code', () => {
  const own = { code: 'PRICE_PRECISION', message: 'limitPrice: 9.005 is no multiple of the tick 0.01' }
  const refused = { number: '422', said: 'no', own, remedy: words.remedy('PRICE_PRECISION', order) }
  expect(words.explanation({ ...refused, code: 'PRICE_PRECISION' })).toEqual({
    code: 'PRICE_PRECISION',
    message: `Venue 422: no; ${own.message}`,
  })
  expect(words.explanation({ ...refused, code: 'TOO_DEAR', remedy: 'order less' }).message).toBe(
    'Venue 422: no; order less',
  )
})

test('what is off the grid is named, by the tick at its price', () => {
  const tickOf = (price: ReturnType<typeof decimal>): string => (price.gte(one) ? '0.01' : '0.0001')
  expect(offTick(order, tickOf)?.message).toBe('limitPrice: 9.005 is no multiple of the tick 0.01')
  expect(offTick({ ...order, limitPrice: '0.9005' }, tickOf)).toBeUndefined()
  expect(offTick({ ...order, limitPrice: '9', stopPrice: '0.00001' }, tickOf)?.message).toMatch(/^stopPrice: /)
  expect(emptyQuantity({ ...order, quantity: '-1' })?.code).toBe('QUANTITY_BELOW_MINIMUM')
  expect(emptyQuantity({ ...order, quantity: 'ten' })).toBeUndefined()
})

test('an entry brings exits along that there are, and is no exit itself', () => {
  const exits = { targetPrice: '12' }
  expect(exitsFault('Venue', order, exits)).toBeUndefined()
  expect(exitsFault('Venue', order, {})).toMatchObject({ unmappable: true, code: 'INVALID_ORDER', message: /give/ })
  expect(exitsFault('Venue', { ...order, reduceOnly: true }, exits)?.message).toMatch(/^reduceOnly: an exit/)
  const stop = { ...order, type: 'stop', stopPrice: '12' } as const
  expect(exitsFault('Venue', stop, exits)?.message).toMatch(/^type: at Venue a stop order brings no exits along/)
})
