import { afterEach, expect, it } from 'vitest'
import { createFakeAlpaca, type FakeAlpaca } from './create-fake-alpaca.js'
import type { FakeAlpacaOptions } from './fake-alpaca-options.js'

let fake: FakeAlpaca
/** What the venue has put off, until a test lets it happen. */
let due: (() => void | Promise<void>)[] = []
afterEach(() => fake.close())

async function open(options: FakeAlpacaOptions = {}): Promise<void> {
  due = []
  const timers = {
    at: (_: number, callback: () => void | Promise<void>) => {
      due.push(callback)
      return () => undefined
    },
  }
  fake = await createFakeAlpaca({ alwaysOpen: true, streamTiming: 'before', ...options, timers })
  await fake.market.quote('AAPL', '100', '100')
}

type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

async function ask(method: string, path: string, body?: object): Promise<Answer> {
  const headers = { 'APCA-API-KEY-ID': fake.keyId, 'APCA-API-SECRET-KEY': fake.secret }
  const given = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(`${fake.url}${path}`, { method, headers, ...given })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) }
}

/** An order that rests; answers its path. */
async function rest(fields: object = {}): Promise<string> {
  const terms = { symbol: 'AAPL', side: 'buy', type: 'limit', time_in_force: 'gtc', qty: '10', limit_price: '90' }
  const { body } = await ask('POST', '/v2/orders', { ...terms, ...fields })
  await happen()
  return `/v2/orders/${String(body['id'])}`
}

async function happen(): Promise<void> {
  for (const act of due.splice(0)) await act()
}

const statuses = (): readonly unknown[] => fake.orders().map(({ status }) => status)

it('a cancel is answered before it takes effect, and the order is neither cancelled again nor amended meanwhile', async () => {
  await open()
  const path = await rest()
  expect(await ask('DELETE', path)).toMatchObject({ status: 204 })
  expect(await ask('GET', path)).toMatchObject({ body: { status: 'pending_cancel', canceled_at: null } })
  expect(fake.underWay).toBe(1)
  expect(await ask('DELETE', path)).toMatchObject({ status: 422, body: { message: /already in "pending_cancel"/ } })
  expect(await ask('PATCH', path, { limit_price: '91' })).toMatchObject({ status: 422 })
  await happen()
  expect(statuses()).toEqual(['canceled'])
  expect(fake.underWay).toBe(0)
})

it('what fills before a cancel takes effect has filled', async () => {
  await open()
  const path = await rest()
  await ask('DELETE', path)
  await fake.market.quote('AAPL', '88', '89', { askSize: '4' })
  expect(await ask('GET', path)).toMatchObject({ body: { status: 'pending_cancel', filled_qty: '4' } })
  await fake.market.quote('AAPL', '88', '89')
  await happen()
  expect(fake.orders()).toMatchObject([{ status: 'filled', filled_qty: '10' }])
})

it('an amendment is answered with an order that waits for the other to give way, and takes over what that one fills', async () => {
  await open()
  const path = await rest()
  const { body } = await ask('PATCH', path, { limit_price: '91' })
  expect(body).toMatchObject({ status: 'pending_new', limit_price: '91', filled_qty: '0' })
  expect(await ask('GET', path)).toMatchObject({ body: { status: 'pending_replace', replaced_by: null } })
  const next = `/v2/orders/${String(body['id'])}`
  for (const each of [path, next]) expect(await ask('DELETE', each)).toMatchObject({ status: 422 })
  expect(await ask('PATCH', path, { limit_price: '92' })).toMatchObject({ status: 422 })
  await fake.market.quote('AAPL', '88', '89', { askSize: '3' })
  await happen()
  expect(fake.orders()).toMatchObject([
    { status: 'replaced', filled_qty: '3', replaced_by: body['id'] },
    { status: 'new', filled_qty: '3', replaces: fake.orders()[0]?.['id'] },
  ])
  await ask('DELETE', next)
  await happen()
  expect(statuses()).toEqual(['replaced', 'canceled'])
})

it('where the old order fills before, the new one is rejected, though it was answered', async () => {
  await open()
  const path = await rest()
  expect(await ask('PATCH', path, { limit_price: '91' })).toMatchObject({ status: 200 })
  await fake.market.quote('AAPL', '88', '89')
  await happen()
  expect(statuses()).toEqual(['filled', 'rejected'])
  expect(fake.orders()[1]).toMatchObject({ filled_qty: '0', replaced_by: null })
})

it('an amendment that the account cannot pay for is refused at once', async () => {
  await open({ cash: '1000' })
  const path = await rest()
  expect(await ask('PATCH', path, { qty: '20' })).toMatchObject({ status: 403, body: { buying_power: '100' } })
  expect(statuses()).toEqual(['new'])
})

it('all are cancelled but what is being amended', async () => {
  await open()
  const path = await rest()
  await rest()
  await ask('PATCH', path, { limit_price: '91' })
  const { body } = await ask('DELETE', '/v2/orders')
  expect(body).toMatchObject([{ status: 500, body: { code: 50010000 } }, { status: 200 }])
  await happen()
  expect(statuses()).toEqual(['replaced', 'canceled', 'new'])
})

it('a sale and the one that is to take its place hold what the larger of both is for', async () => {
  await open()
  await rest({ type: 'market', limit_price: undefined })
  const path = await rest({ side: 'sell', qty: '4', limit_price: '110' })
  await ask('PATCH', path, { qty: '7' })
  const sale = { symbol: 'AAPL', side: 'sell', type: 'limit', limit_price: '120', time_in_force: 'gtc' }
  expect(await ask('POST', '/v2/orders', { ...sale, qty: '4' })).toMatchObject({ body: { available: '3' } })
  expect(await ask('POST', '/v2/orders', { ...sale, qty: '3' })).toMatchObject({ status: 200 })
})

it('without delays all of that has happened when it is answered', async () => {
  await open({ cancelDelayMs: 0, replaceDelayMs: 0 })
  const path = await rest()
  const { body } = await ask('PATCH', path, { limit_price: '91' })
  expect(statuses()).toEqual(['replaced', 'new'])
  await ask('DELETE', `/v2/orders/${String(body['id'])}`)
  expect(statuses()).toEqual(['replaced', 'canceled'])
})

it('positions are closed when their orders are gone', async () => {
  await open()
  await rest({ type: 'market', limit_price: undefined })
  await rest({ side: 'sell', limit_price: '110' })
  const { status, body } = await ask('DELETE', '/v2/positions?cancel_orders=true')
  expect([status, body]).toMatchObject([207, [{ symbol: 'AAPL', status: 200, body: { side: 'sell', qty: '10' } }]])
  await happen()
  expect(statuses()).toEqual(['filled', 'canceled', 'filled'])
})
