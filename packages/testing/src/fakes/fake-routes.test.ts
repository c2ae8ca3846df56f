import { expect, test } from 'vitest'
import { createFakeAlpaca } from './alpaca/create-fake-alpaca.js'
import { alpacaRoutes } from './alpaca/fake-routes.js'
import { createFakeOkx } from './okx/create-fake-okx.js'
import { createOkxClient } from './okx/okx-client.test-support.js'
import { okxRoutes } from './okx/okx-routes.js'

const split = (route: string): readonly [method: string, path: string] => {
  const [method = '', path = ''] = route
    .replace('{symbol}', 'AAPL')
    .replace(/\{\w+\}/, 'FILL')
    .split(' ')
  return [method, path]
}

test('each request that a fault of Alpaca may be on is answered, and one that it may not is not', async () => {
  const fake = await createFakeAlpaca({ plan: 'algo-trader-plus' })
  const headers = { 'APCA-API-KEY-ID': fake.keyId, 'APCA-API-SECRET-KEY': fake.secret }
  for (const route of [...alpacaRoutes, 'GET /v2/nowhere']) {
    const [method, path] = split(route)
    const target = `${fake.url}${path}?symbols=${path.includes('crypto') ? 'BTC/USD' : 'AAPL'}&timeframe=1Min`
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' }
    const text = await (await fetch(target, { method, headers, ...body })).text()
    expect([route, text.includes('endpoint not found.')]).toEqual([route, route === 'GET /v2/nowhere'])
  }
  await fake.close()
})

test('and so it is of OKX', async () => {
  const fake = await createFakeOkx()
  const client = createOkxClient(fake)
  for (const route of [...okxRoutes.filter((one) => !one.startsWith('WS ')), 'GET /api/v5/trade/nowhere']) {
    const [method, path] = split(route)
    const target = path.replace('/api/v5/', '')
    const { code } = method === 'GET' ? await client.get(target) : await client.post(target, {})
    expect([route, code === '404']).toEqual([route, route.endsWith('nowhere')])
  }
  const fail = (on: string) => () => fake.fail({ kind: 'cut', on })
  expect(fail('WS ordr')).toThrow('fake OKX: fail: on is "WS ordr"; no request begins so; did you mean WS order?')
  expect(fail('/api/v5/trade/ordr')).toThrow('did you mean /api/v5/trade/order?')
  expect(fail('PUT')).toThrow('there are: POST /api/v5/trade/order, ')
  for (const on of ['WS order', 'WS', 'GET', '/api/v5/trade', 'POST /api/v5/trade/amend'])
    expect(fail(on)).not.toThrow()
  await fake.close()
})

test('a process of its own says what is wrong with a fault', async () => {
  const fake = await createFakeAlpaca()
  const body = JSON.stringify({ kind: 'hang', on: 'POST /v2/ordres' })
  const answer = await fetch(`${fake.url}/fake/faults`, { method: 'POST', body })
  expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('did you mean POST /v2/orders?')])
  await fake.close()
})
