import { expect, test } from 'vitest'
import { runFakeAlpaca } from './run-fake-alpaca.js'

async function run(...args: readonly string[]) {
  const lines: string[] = []
  const faults: string[] = []
  const stop = await runFakeAlpaca(args, {
    out: (line) => void lines.push(line),
    fail: (line) => void faults.push(line),
  })
  return { lines, faults, stop }
}

test('it says where it is, trades, and is driven over HTTP', async () => {
  const { lines, stop } = await run('--every', '0', '--symbols', 'ABC:10', '--cash', '500')
  const { url, keyId, secret } = JSON.parse(lines[0] ?? '') as { url: string; keyId: string; secret: string }
  const headers = { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret }
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return answer.status === 204 ? undefined : answer.json()
  }
  await ask('POST', '/fake/market', {
    type: 'quote',
    symbol: 'ABC',
    time: Date.parse('2026-03-02T15:00:00Z'),
    bid: '9.99',
    ask: '10',
  })
  await ask('POST', '/v2/orders', {
    symbol: 'ABC',
    qty: 2,
    side: 'buy',
    type: 'limit',
    limit_price: 11,
    time_in_force: 'gtc',
  })
  await ask('POST', '/fake/market', {
    type: 'quote',
    symbol: 'ABC',
    time: Date.parse('2026-03-02T15:00:01Z'),
    bid: '9.99',
    ask: '10',
  })
  expect(await ask('GET', '/v2/orders?status=closed')).toMatchObject([{ status: 'filled', filled_avg_price: '10' }])
  await ask('POST', '/fake/faults', { kind: 'status', status: 500, on: 'GET /v2/account' })
  expect(await ask('GET', '/v2/account')).toMatchObject({ code: 50010000 })
  expect(await ask('GET', '/v2/account')).toMatchObject({ cash: '480' })
  await stop()
  await expect(fetch(url)).rejects.toThrow()
})

test.each([
  [['--symbols', 'ABC'], /is not SYMBOL:PRICE/],
  [['--port', 'x'], /not a whole number/],
  [['--nothing'], /nothing/],
])('%s is refused in one line that says what to do', async (args, fault) => {
  const { lines, faults } = await run(...args)
  expect(lines).toEqual([])
  expect(faults).toHaveLength(1)
  expect(faults[0]).toMatch(fault)
})

test('a fault or a condition that there is not is refused over HTTP', async () => {
  const { lines, stop } = await run('--every', '0')
  const { url, keyId, secret } = JSON.parse(lines[0] ?? '') as { url: string; keyId: string; secret: string }
  const headers = { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret }
  const post = async (path: string, body: object): Promise<string> => {
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return `${answer.status} ${await answer.text()}`
  }
  expect(await post('/fake/faults', { kind: 'hng' })).toMatch(/^422 .*did you mean hang/)
  expect(await post('/fake/conditions', { maintenence: true })).toMatch(/^422 .*did you mean maintenance/)
  expect(await post('/fake/conditions', { maintenance: true })).toBe('204 ')
  await stop()
})
