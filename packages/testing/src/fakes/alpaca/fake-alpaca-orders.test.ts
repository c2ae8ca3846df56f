import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFakeAlpaca, type FakeAlpaca } from './create-fake-alpaca.js'

let fake: FakeAlpaca
beforeEach(async () => {
  fake = await createFakeAlpaca({ cash: '1000000' })
  await fake.market.quote('AAPL', '100', '100')
  await fake.market.quote('BTC/USD', '50000', '50000')
})
afterEach(() => fake.close())

type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

async function ask(method: string, path: string, body?: object): Promise<Answer> {
  const headers = { 'APCA-API-KEY-ID': fake.keyId, 'APCA-API-SECRET-KEY': fake.secret }
  const given = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(`${fake.url}${path}`, { method, headers, ...given })
  return { status: answer.status, body: (await answer.json()) as Answer['body'] }
}

const place = (fields: object): Promise<Answer> =>
  ask('POST', '/v2/orders', { symbol: 'AAPL', side: 'buy', type: 'limit', time_in_force: 'gtc', ...fields })

it.each([
  ['take_profit', { take_profit: { limit_price: '120.005' }, stop_loss: { stop_price: '80' } }],
  ['stop_loss.stop_price', { take_profit: { limit_price: '120' }, stop_loss: { stop_price: '80.005' } }],
  [
    'stop_loss.limit_price',
    { take_profit: { limit_price: '120' }, stop_loss: { stop_price: '80', limit_price: '79.995' } },
  ],
])('a leg at a fraction of a cent is refused: %s', async (field, legs) => {
  const answer = await place({ qty: '1', limit_price: '90', order_class: 'bracket', ...legs })
  expect(answer.status).toBe(422)
  expect(answer.body['message']).toMatch(new RegExp(`invalid ${field}.* sub-penny`))
  expect(fake.orders()).toEqual([])
})

it('a stop that buys shares pays at most 2.5 % more than its level, and rests beyond', async () => {
  await place({ type: 'stop', qty: '1', stop_price: '110' })
  await place({ type: 'stop', qty: '1', stop_price: '112' })
  await fake.market.quote('AAPL', '113.9', '114')
  expect(fake.orders()).toMatchObject([
    { type: 'stop', status: 'new', limit_price: null },
    { type: 'stop', status: 'filled', filled_avg_price: '114' },
  ])
  await fake.market.quote('AAPL', '112', '112.5')
  expect(fake.orders()[0]).toMatchObject({ status: 'filled', filled_avg_price: '112.75' })
})

it('an amendment to a fraction of a share is refused', async () => {
  const { body } = await place({ qty: '2', limit_price: '90' })
  await expect.poll(() => fake.orders()[0]?.['status']).toBe('new')
  expect(await ask('PATCH', `/v2/orders/${String(body['id'])}`, { qty: '1.5' })).toMatchObject({ status: 422 })
  expect(await ask('PATCH', `/v2/orders/${String(body['id'])}`, { qty: '3' })).toMatchObject({ status: 200 })
})

it('an order of crypto that is worth more than 200,000 dollars is refused', async () => {
  const crypto = { symbol: 'BTC/USD', limit_price: '40000' }
  expect(await place({ ...crypto, qty: '5.1' })).toMatchObject({ status: 422 })
  expect(await place({ ...crypto, qty: '5' })).toMatchObject({ status: 200 })
})

it('corporate actions are market data: they use up nothing of what trading may ask', async () => {
  const remaining = async (): Promise<string | null> => {
    const headers = { 'APCA-API-KEY-ID': fake.keyId, 'APCA-API-SECRET-KEY': fake.secret }
    return (await fetch(`${fake.url}/v2/clock`, { headers })).headers.get('X-RateLimit-Remaining')
  }
  const before = Number(await remaining())
  await ask('GET', '/v1/corporate-actions?symbols=AAPL&types=cash_dividend')
  expect(Number(await remaining())).toBe(before - 1)
})

it('a quote stands until the next one, as a book does, and for `quoteFreshMs` only where that is said', async () => {
  for (const [options, status] of [
    [{}, 'filled'],
    [{ quoteFreshMs: 60_000 }, 'filled'],
    [{ quoteFreshMs: 59_999 }, 'new'],
  ] as const) {
    await fake.close()
    let now = Date.UTC(2024, 0, 10, 15)
    fake = await createFakeAlpaca({ ...options, alwaysOpen: true, clock: { now: () => now } })
    await fake.market.quote('AAPL', '100', '100')
    now += 60_000
    await place({ type: 'market', qty: '1' })
    expect([options, fake.orders()[0]?.['status']]).toEqual([options, status])
    await fake.market.quote('AAPL', '100', '100')
    expect(fake.orders()[0]).toMatchObject({ status: 'filled' })
  }
  await expect(createFakeAlpaca({ quoteFreshMs: -1 })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining('quoteFreshMs is -1; it must be a whole number from 0 to 86400000'),
  })
})
