import { expect, test } from 'vitest'
import type { FakeOkx } from './fake-okx.js'
import { createOkxClient } from './okx-client.test-support.js'
import { runFakeOkx } from './run-fake-okx.js'

async function run(...args: readonly string[]) {
  const lines: string[] = []
  const faults: string[] = []
  const stop = await runFakeOkx(args, {
    out: (line) => void lines.push(line),
    fail: (line) => void faults.push(line),
  })
  return { lines, faults, stop }
}

const control = async (url: string, path: string, body: object): Promise<string> => {
  const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  return `${answer.status} ${await answer.text()}`
}

test('it says where it is, trades, and is driven over HTTP', async () => {
  const { lines, stop } = await run('--every', '0', '--symbols', 'ABC-USDT:10', '--cash', '500', '--passphrase', 'open')
  const fake = JSON.parse(lines[0] ?? '') as FakeOkx
  expect(fake.passphrase).toBe('open')
  const client = createOkxClient(fake)
  const time = Date.parse('2026-03-02T15:00:00Z')
  expect(
    await control(fake.url, '/fake/market', { type: 'quote', symbol: 'ABC-USDT', time, bid: '9.99', ask: '10' }),
  ).toBe('204 ')
  await client.place({ instId: 'ABC-USDT', px: '9', sz: '2' })
  const levels = { bids: [['8.8', '5']], asks: [['8.9', '5']] }
  expect(await control(fake.url, '/fake/book', { instId: 'ABC-USDT', ...levels })).toBe('204 ')
  expect((await client.get('trade/orders-history?instType=SPOT')).data).toMatchObject([
    { state: 'filled', avgPx: '8.9' },
  ])
  expect(await control(fake.url, '/fake/faults', { kind: 'code', code: '50026', on: 'GET /api/v5/account' })).toBe(
    '204 ',
  )
  expect(await client.get('account/balance')).toMatchObject({ code: '50026' })
  expect((await client.get('account/balance?ccy=USDT')).data[0]).toMatchObject({ details: [{ cashBal: '482.2' }] })
  await stop()
  await expect(fetch(fake.url)).rejects.toThrow()
})

test.each([
  [['--symbols', 'ABC'], /is not SYMBOL:PRICE, such as BTC-USDT:50000/],
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
  const { url } = JSON.parse(lines[0] ?? '') as FakeOkx
  expect(await control(url, '/fake/faults', { kind: 'hng' })).toMatch(/^422 .*did you mean hang/)
  expect(await control(url, '/fake/conditions', { maintenence: true })).toMatch(/^422 .*did you mean maintenance/)
  const quote = { type: 'quote', symbol: 'BTC-USDT', time: 0, bid: '1', ask: '2' }
  expect(await control(url, '/fake/market', { ...quote, type: 'trade', price: 'dear', quantity: '1' })).toMatch(/^422 /)
  expect(await control(url, '/fake/nothing', {})).toMatch(/^404 /)
  expect(await control(url, '/fake/conditions', { maintenance: true })).toBe('204 ')
  await stop()
})
