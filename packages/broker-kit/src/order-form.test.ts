import type { OrderRequest } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { requestFault } from './order-form.js'

const market: OrderRequest = {
  account: 'a',
  clientOrderId: 'one',
  symbol: 'BTC-USDT',
  side: 'buy',
  type: 'market',
  quantity: '1',
  timeInForce: 'gtc',
  reduceOnly: false,
}
const limit = { type: 'limit', limitPrice: '90' }
const trailing = { type: 'trailing-stop', trailFraction: '0.05' }

test.each([
  [
    { ...limit, limitPrice: undefined, limitprice: '90' },
    'limitprice: an order has no such field; did you mean limitPrice?',
  ],
  [{ ...limit, takeProfit: '95' }, 'takeProfit: an order has no such field; there are: account'],
  [{ symbol: undefined }, 'symbol: undefined is none'],
  [{ symbol: 5 }, 'symbol: 5 is none'],
  [{ clientOrderId: undefined }, 'clientOrderId: undefined is none'],
  [{ clientOrderId: '' }, 'clientOrderId: "" is none'],
  [{ account: 'b' }, 'account: this is "a", and the order is for "b"'],
  [{ side: 'BUY' }, 'side: there is no "BUY"'],
  [{ reduceOnly: 'no' }, 'reduceOnly: "no": use true or false'],
  [{ reduceOnly: undefined }, 'reduceOnly: undefined: use true or false'],
  [{ ...limit, postOnly: 'yes' }, 'postOnly: "yes": use true'],
  [{ quantity: undefined }, 'quantity: undefined is no decimal text'],
  [{ quantity: 10 }, 'quantity: 10 is no decimal text'],
  [{ quantity: '1e3' }, 'quantity: "1e3" is no decimal text'],
  [{ quantity: '0' }, 'quantity: 0 is not above 0'],
  [{ ...limit, limitPrice: 90 }, 'limitPrice: 90 is no decimal text'],
  [{ ...limit, limitPrice: '-1' }, 'limitPrice: -1 is not above 0'],
  [{ ...limit, limitPrice: undefined }, 'limitPrice: a limit order needs limit price'],
  [{ limitPrice: '90' }, 'limitPrice: a market order takes no limit price'],
  [{ ...limit, stopPrice: '90' }, 'stopPrice: a limit order takes no stop price'],
  [{ type: 'stop' }, 'stopPrice: a stop order needs stop price'],
  [{ ...trailing, trailFraction: '5' }, 'trailFraction: 5 is not above 0 and below 1'],
  [{ ...trailing, trailFraction: 0.05 }, 'trailFraction: 0.05 is no decimal text'],
  [{ ...trailing, trailFraction: undefined }, 'trailAmount, trailFraction: a trailing-stop order needs one of them'],
  [{ ...trailing, trailAmount: '1' }, 'trailAmount, trailFraction: a trailing-stop order needs one of them'],
  [{ trailAmount: '1' }, 'trailAmount: a market order does not trail'],
  [{ ...limit, expiresAt: 5 }, 'expiresAt: gtd needs it, and nothing else takes it'],
  [{ ...limit, timeInForce: 'gtd' }, 'expiresAt: gtd needs it, and nothing else takes it'],
  [{ ...limit, timeInForce: 'gtd', expiresAt: '2026-01-01' }, 'expiresAt: "2026-01-01": use milliseconds'],
])('%o is refused, and nothing of it left out', (odd, message) => {
  expect(requestFault({ ...market, ...odd } as OrderRequest, 'a')?.message).toContain(message)
})

test.each([
  {},
  limit,
  { ...limit, postOnly: true },
  { ...limit, timeInForce: 'gtd', expiresAt: 5 },
  { type: 'stop', stopPrice: '80', reduceOnly: true },
  { type: 'stop-limit', stopPrice: '80', limitPrice: '79' },
  { type: 'oco', stopPrice: '80', limitPrice: '99' },
  trailing,
  { type: 'trailing-stop', trailAmount: '2', stopPrice: '80' },
  { sizedIn: 'quote' },
])('%o is an order', (fields) => {
  expect(requestFault({ ...market, ...fields } as OrderRequest, 'a')).toBeUndefined()
})
