import { createSystemClock } from '@tradeswarm/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFakeOkx } from './create-fake-okx.js'
import type { FakeOkx } from './fake-okx.js'
import { createOkxClient, type Node, type OkxClient } from './okx-client.test-support.js'
import { okxSign } from './okx-sign.js'

let fake: FakeOkx
let client: OkxClient
const start = async (options: Parameters<typeof createFakeOkx>[0] = {}): Promise<void> => {
  await fake?.close()
  fake = await createFakeOkx({ streamTiming: 'before', connectionsPerSecond: 99, ...options })
  client = createOkxClient(fake)
}
beforeEach(() => start())
afterEach(() => fake.close())

const said = async (answer: Response): Promise<readonly [number, unknown]> => [
  answer.status,
  ((await answer.json()) as Node)['code'],
]
const clock = createSystemClock()
const at = (offsetMs: number): string => new Date(clock.now() + offsetMs).toISOString()
const order = { instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', px: '100', sz: '1' }

it.each<[Readonly<Record<string, string>>, number, string]>([
  [{ 'OK-ACCESS-KEY': '' }, 401, '50103'],
  [{ 'OK-ACCESS-PASSPHRASE': '' }, 401, '50104'],
  [{ 'OK-ACCESS-SIGN': '' }, 401, '50106'],
  [{ 'OK-ACCESS-TIMESTAMP': '' }, 401, '50107'],
  [{ 'OK-ACCESS-TIMESTAMP': '1700000000000' }, 401, '50112'],
  [{ 'OK-ACCESS-KEY': 'another' }, 401, '50111'],
  [{ 'x-simulated-trading': '0' }, 401, '50101'],
  [{ 'OK-ACCESS-PASSPHRASE': 'another' }, 401, '50105'],
  [{ 'OK-ACCESS-SIGN': 'bm8=' }, 401, '50113'],
])('%o is turned away at the gate', async (headers, status, code) => {
  expect(await said(await client.raw('GET', 'account/balance', undefined, headers))).toEqual([status, code])
})

it('a signature holds for 30 seconds, and for the bytes that were signed', async () => {
  const signed = (offsetMs: number, target = 'account/balance') => {
    const timestamp = at(offsetMs)
    const sign = okxSign(fake.secret, `${timestamp}GET/api/v5/${target}`)
    return { 'OK-ACCESS-TIMESTAMP': timestamp, 'OK-ACCESS-SIGN': sign }
  }
  const ask = (offsetMs: number, target?: string) =>
    client.raw('GET', 'account/balance', undefined, signed(offsetMs, target)).then(said)
  expect(await ask(-29_000)).toEqual([200, '0'])
  expect(await ask(-31_000)).toEqual([401, '50102'])
  expect(await ask(31_000)).toEqual([401, '50102'])
  expect(await ask(0, 'account/balance?ccy=BTC')).toEqual([401, '50113'])
  fake.conditions.clockSkewMs = 60_000
  expect(await ask(0)).toEqual([401, '50102'])
  const { data } = await client.get('public/time')
  expect(await ask(Number(data[0]?.['ts']) - clock.now())).toEqual([200, '0'])
})

it('a key for live trading is refused with the header of the demo', async () => {
  await start({ environment: 'live' })
  expect(await said(await client.raw('GET', 'account/balance'))).toEqual([401, '50101'])
  const answer = await client.raw('GET', 'account/balance', undefined, { 'x-simulated-trading': '' })
  expect(await said(answer)).toEqual([200, '0'])
})

it('a body must be there, be JSON and say so', async () => {
  expect(await said(await client.raw('POST', 'trade/order'))).toEqual([400, '50000'])
  expect(await said(await client.raw('POST', 'trade/order', order, { 'Content-Type': 'text/plain' }))).toEqual([
    400,
    '50006',
  ])
})

it('requests are counted by endpoint and instrument, without a header that says so', async () => {
  const codes = new Map<string, number>()
  for (let count = 0; count < 12; count += 1) {
    const answer = await client.raw('GET', 'account/balance')
    expect([...answer.headers.keys()].filter((name) => /rate|retry/i.test(name))).toEqual([])
    const key = (await said(answer)).join(' ')
    codes.set(key, (codes.get(key) ?? 0) + 1)
  }
  expect(codes.get('429 50011')).toBeGreaterThanOrEqual(1)
  expect(codes.get('200 0')).toBe(10)
  expect((await client.get('account/config')).code).toBe('0')
})

it('a batch counts each of its orders, and one of a single order as the order', async () => {
  await start({ rateMultiplier: 0.05 })
  const batch = (count: number) => Array.from({ length: count }, () => order)
  expect((await client.raw('POST', 'trade/batch-orders', batch(15))).status).toBe(200)
  expect((await client.raw('POST', 'trade/batch-orders', batch(2))).status).toBe(429)
  for (let count = 0; count < 3; count += 1)
    expect((await client.raw('POST', 'trade/batch-orders', batch(1))).status).toBe(200)
  expect((await client.raw('POST', 'trade/order', order)).status).toBe(429)
  expect((await client.raw('POST', 'trade/order', { ...order, instId: 'ETH-USDT' })).status).toBe(200)
})

it('a deadline that is over is not placed', async () => {
  const placed = await client.raw('POST', 'trade/order', order, { expTime: String(clock.now() - 1) })
  expect(await said(placed)).toEqual([200, '50036'])
  expect(fake.orders()).toEqual([])
  expect(await said(await client.raw('POST', 'trade/order', order, { expTime: String(clock.now() + 9_000) }))).toEqual([
    200,
    '0',
  ])
})

it('faults: what is asked is carried out or not, and answered or not', async () => {
  const on = 'POST /api/v5/trade/order'
  fake.fail({ kind: 'code', code: '51149', status: 500, when: 'after', on })
  expect(await said(await client.raw('POST', 'trade/order', order))).toEqual([500, '51149'])
  fake.fail({ kind: 'code', code: '50026', on })
  expect(await said(await client.raw('POST', 'trade/order', order))).toEqual([500, '50026'])
  fake.fail({ kind: 'too-many', on })
  expect(await said(await client.raw('POST', 'trade/order', order))).toEqual([429, '50011'])
  fake.fail({ kind: 'too-many', status: 200, on })
  expect(await said(await client.raw('POST', 'trade/order', order))).toEqual([200, '50011'])
  fake.fail({ kind: 'status', status: 503, on })
  expect(await said(await client.raw('POST', 'trade/order', order))).toEqual([503, '50001'])
  fake.fail({ kind: 'cut', when: 'after', on })
  await expect(client.raw('POST', 'trade/order', { ...order, clOrdId: 'lost' })).rejects.toThrow()
  fake.fail({ kind: 'html', status: 502 })
  expect(await (await client.raw('GET', 'account/config')).text()).toContain('502')
  fake.fail({ kind: 'redirect', to: 'http://127.0.0.1:9/' })
  expect((await client.raw('GET', 'account/config')).headers.get('Location')).toBe('http://127.0.0.1:9/')
  fake.fail({ kind: 'slow-body', delayMs: 20 })
  expect((await client.get('account/config')).code).toBe('0')
  fake.fail({ kind: 'hidden', on: 'GET /api/v5/trade/order', times: 2 })
  expect(await client.get('trade/order?instId=BTC-USDT&clOrdId=lost')).toMatchObject({ code: '51603' })
  expect(await client.get('trade/orders-pending')).toMatchObject({ code: '0', data: [] })
  expect((await client.get('trade/order?instId=BTC-USDT&clOrdId=lost')).data).toMatchObject([{ state: 'live' }])
  expect(fake.orders()).toHaveLength(2)
  fake.fail({ kind: 'hang', when: 'after', on })
  const hung = client.raw('POST', 'trade/order', order)
  await expect.poll(() => fake.orders()).toHaveLength(3)
  expect(await Promise.race([hung, client.get('account/config').then(() => 'nothing')])).toBe('nothing')
  void hung.catch(() => undefined)
})

it('in a maintenance all is answered with 50001 but what tells of it', async () => {
  fake.conditions.maintenance = true
  expect(await said(await client.raw('GET', 'account/config'))).toEqual([503, '50001'])
  await expect(client.connect('public')).rejects.toThrow()
  expect((await client.get('system/status')).data).toMatchObject([{ state: 'ongoing', env: '2' }])
})

it('what nobody knows is not found', async () => {
  const answer = await client.raw('GET', 'trade/nothing')
  expect(answer.status).toBe(404)
  const wrongMode = await client.raw('GET', 'trade/order-algo-nothing')
  expect(wrongMode.status).toBe(404)
})
