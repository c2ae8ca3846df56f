import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFakeAlpaca, type FakeAlpaca } from './create-fake-alpaca.js'

let fake: FakeAlpaca
beforeEach(async () => {
  fake = await createFakeAlpaca({ cash: '1000000' })
  await fake.market.quote('AAPL', '99.9', '100.1')
  await fake.market.trade('AAPL', '100')
})
afterEach(() => fake.close())

type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

async function ask(method: string, path: string, body: object): Promise<Answer> {
  const headers = { 'APCA-API-KEY-ID': fake.keyId, 'APCA-API-SECRET-KEY': fake.secret }
  const answer = await fetch(`${fake.url}${path}`, { method, headers, body: JSON.stringify(body) })
  return { status: answer.status, body: (await answer.json()) as Answer['body'] }
}

const place = (fields: object): Promise<Answer> =>
  ask('POST', '/v2/orders', { symbol: 'AAPL', side: 'buy', qty: '2', type: 'market', time_in_force: 'day', ...fields })
const group = (target: string | undefined, stop: string | undefined, more: object = {}): object => ({
  order_class: target === undefined || stop === undefined ? 'oto' : 'bracket',
  ...(target === undefined ? {} : { take_profit: { limit_price: target } }),
  ...(stop === undefined ? {} : { stop_loss: { stop_price: stop } }),
  ...more,
})
const limit = { type: 'limit', limit_price: '90' }

it.each<[string, object, string]>([
  ['a target at the price', group('100', '80'), 'take_profit.limit_price must be >= base_price + 0.01'],
  ['a stop at the price', group('120', '100'), 'stop_loss.stop_price must be <= base_price - 0.01'],
  ['a stop alone above the limit', group(undefined, '95', limit), 'stop_loss.stop_price must be <= base_price - 0.01'],
  [
    'a target alone at the limit',
    group('90', undefined, limit),
    'take_profit.limit_price must be >= base_price + 0.01',
  ],
  [
    'an entry that is a stop',
    group('120', '80', { type: 'stop', stop_price: '105' }),
    'must be market or limit orders',
  ],
  ['a bracket outside of hours', group('120', '80', { ...limit, extended_hours: true }), 'must be simple orders'],
  ['exits without a class', { ...group('120', '80'), order_class: 'simple' }, 'orders of class bracket, oco or oto'],
  ['a trail of nothing', { type: 'trailing_stop', trail_price: '0' }, 'trail_price must be > 0'],
  ['a trail backwards', { type: 'trailing_stop', trail_percent: '-1' }, 'trail_percent must be > 0'],
])('an order with what the venue does not take leaves no trace: %s', async (_name, fields, message) => {
  const { status, body } = await place(fields)
  expect([status, body['code'], body['message']]).toEqual([422, 42210000, expect.stringContaining(message)])
  expect(fake.orders()).toEqual([])
})

it('exits beyond the limit of their entry are taken, though the market has not come to it yet', async () => {
  expect((await place(group('95', '85', limit))).status).toBe(200)
  expect((await place(group('100.01', '99.99'))).status).toBe(200)
})

it.each<[string, object, object, string]>([
  ['a time in force that there is not', limit, { time_in_force: 'forever' }, 'invalid time_in_force'],
  [
    'one that the type does not know',
    { type: 'stop', stop_price: '110' },
    { time_in_force: 'ioc' },
    'time_in_force ioc',
  ],
  ['a limit of a stop', { type: 'stop', stop_price: '110' }, { limit_price: '111' }, 'must not have a limit price'],
  ['a price below 0', limit, { limit_price: '-1' }, 'limit_price must be > 0'],
  ['the size of a group', group('120', '80', limit), { qty: '3' }, 'cannot replace qty of bracket orders'],
])('an amendment is held to what an order is held to: %s', async (_name, order, change, message) => {
  const { body } = await place(order)
  const changed = await ask('PATCH', `/v2/orders/${String(body['id'])}`, change)
  expect([changed.status, changed.body['message']]).toEqual([422, expect.stringContaining(message)])
  expect(fake.orders()[0]).toMatchObject({ status: 'new', replaced_by: null })
})

it('an amendment that would trade with an order of the other side is refused, as a new one would be', async () => {
  await place({})
  await place({ side: 'sell', type: 'limit', limit_price: '110', qty: '1' })
  const { body } = await place(limit)
  const changed = await ask('PATCH', `/v2/orders/${String(body['id'])}`, { limit_price: '110' })
  expect([changed.status, changed.body['message']]).toEqual([403, expect.stringContaining('wash trade')])
})

it('a sale for an amount is held to what no other sale holds, and opens nothing', async () => {
  const sale = { side: 'sell', qty: undefined, notional: '150' }
  expect((await place(sale)).body['message']).toBe('account is not allowed to short')
  await place({})
  expect((await place({ side: 'sell', position_intent: 'sell_to_open' })).body['message']).toContain('intent mismatch')
  await place({ side: 'sell', type: 'limit', limit_price: '110', qty: '1' })
  const refused = { code: 40310000, available: '1', held_for_orders: '1', symbol: 'AAPL' }
  expect((await place(sale)).body).toMatchObject(refused)
  expect((await place({ ...sale, notional: '90' })).status).toBe(200)
})
